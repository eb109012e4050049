"""The way that this kit grew out of, in five minutes: a network of the tutorials' own, from MNIST to a .tflite that reads."""
