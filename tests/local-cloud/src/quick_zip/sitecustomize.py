"""Makes `sam deploy` compress less. Python loads this module at its start when the folder is in PYTHONPATH.

Functions of the local profile are not optimized and so are large. They are uploaded to this machine only, and compressing
them at zlib's default level takes longer than all the rest of a deployment.
"""

import functools
import zipfile

# SAM hands each file over with a ZipInfo, for which the level of the archive does not count.
zipfile.ZipFile.writestr = functools.partialmethod(zipfile.ZipFile.writestr, compresslevel=1)
