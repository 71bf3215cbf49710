// With link_second.cpp: every header in two translation units of one program.
#include <everything.hpp>

int second();

int main() { return second(); }
