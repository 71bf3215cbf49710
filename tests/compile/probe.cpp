// Only its compile command is used: the flags of a program that links TensorLab::cpu and TensorLab::io.
