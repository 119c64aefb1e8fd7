"""Makes `sam deploy` compress less. Python loads this module at startup if the folder is in PYTHONPATH.

Functions of the local profile are not optimized and therefore large. They are uploaded to this machine only, and compressing
them at zlib's default level takes longer than the rest of a deployment.
"""

import functools
import zipfile

# SAM passes a ZipInfo for each file, and then zipfile ignores the archive's level.
zipfile.ZipFile.writestr = functools.partialmethod(zipfile.ZipFile.writestr, compresslevel=1)
