// Macros that platform headers and other libraries leave behind must not break the headers that come after them.
#include <others.hpp>

#define min(a, b) hostile macro
#define max(a, b) hostile macro
#define near hostile macro
#define far hostile macro
#define small hostile macro
#define interface hostile macro
#define CHECK(x) hostile macro
#define CHECK_EQ(a, b) hostile macro
#define REQUIRE(x) hostile macro
#define LOG(x) hostile macro
#define ERROR hostile macro
#define FAIL hostile macro
#define IN hostile macro
#define OUT hostile macro
#define TRUE hostile macro
#define FALSE hostile macro
#define Bool hostile macro
#define None hostile macro
#define Status hostile macro
#define Success hostile macro
#define OVERFLOW hostile macro
#define UNDERFLOW hostile macro
#define DOMAIN hostile macro
#define I hostile macro
#define N hostile macro
#define PI hostile macro
#define major(x) hostile macro
#define minor(x) hostile macro
#define linux 1
#define unix 1

#include <everything.hpp>

int main() {}
