"""Makes `sam deploy` compress less. Python loads this module at its start when the folder is in PYTHONPATH.

Functions of the local profile are not optimized and so are large. They are uploaded to this machine only, and compressing
them at zlib's default level takes longer than all the rest of a deployment.
"""

import functools
import zipfile

zipfile.ZipFile.__init__ = functools.partialmethod(zipfile.ZipFile.__init__, compresslevel=1)
