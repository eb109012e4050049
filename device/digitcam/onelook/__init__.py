"""Reading with a network that finds: what comes next.

`digitlab` trains and measures it, with `digitlab score --onelook` and `digitlab finder-evaluate`. The service reads by
the rules of `digitcam.find` until this reads better; then it takes their place.
"""
