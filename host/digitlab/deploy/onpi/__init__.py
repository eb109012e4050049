"""What runs on the Pi, as root, with its own Python and the standard library: one file, sent by `digitlab.deploy`.

Everything that changes what runs happens in here, under one lock and in one process, so that neither a second
deployment nor a cut connection can leave it half done.
"""
