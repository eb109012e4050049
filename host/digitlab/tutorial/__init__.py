"""The way that this kit grew out of, in five minutes: the tutorials' network, from MNIST to a .tflite that reads."""
