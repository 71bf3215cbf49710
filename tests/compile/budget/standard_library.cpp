// The yardstick of the budgets: a source of the standard library alone, so that a slow machine is not taken for a
// costly header.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <regex>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  const std::regex word("([a-z]+)=([0-9]*\\.?[0-9]+)");
  std::map<std::string, std::vector<double>> found;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    for (std::sregex_iterator m(text.begin(), text.end(), word), end; m != end; ++m)
      found[(*m)[1]].push_back(std::stod((*m)[2]));
  }
  for (auto& [name, values] : found) {
    std::sort(values.begin(), values.end(), std::greater<>());
    std::cout << name << ' ' << values.front() << '\n';
  }
}
