#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0::io {

/// A node of the graph that a pickle describes. Nodes may be shared and may form cycles.
struct pickle_node {
  enum class kind : std::uint8_t {
    none,
    boolean,
    integer,
    long_integer,
    real,
    string,
    bytes,
    list,
    tuple,
    dict,
    set,
    global,      // text: module, name
    object,      // callee(items[0]...), then state, appended and assigned items
    persistent,  // items[0]: its id
  };

  kind type = kind::none;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;                    // of a string, bytes, a long integer's little-endian bytes, a global's module
  std::string name;                    // of a global
  std::vector<pickle_node*> items;     // of a list, tuple or set; keys and values of a dict in turns; arguments
  pickle_node* callee = nullptr;       // of an object
  pickle_node* state = nullptr;        // what BUILD gave an object or another node
  std::vector<pickle_node*> appended;  // of an object
  std::vector<pickle_node*> assigned;  // of an object: keys and values in turns
};

/// Reads Python pickles of protocols 2 to 5 into a graph of plain nodes. It imports nothing and calls nothing: classes
/// and functions stay names, and what would be a call becomes a node that says so.
class unpickler {
 public:
  /// `bytes` outlive this object; `name` names the pickle in errors.
  unpickler(std::span<const std::byte> bytes, std::string name)
      : bytes_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), name_(std::move(name)) {}

  /// The object of the next pickle in the bytes; the nodes live as long as this object.
  ///
  /// **Throws** format_error `pickle: REASON: NAME at byte POSITION`.
  pickle_node& load() {
    stack_.clear();
    marks_.clear();
    memo_.clear();
    for (;;) {
      start_ = at_;
      const auto code = static_cast<unsigned char>(take(1)[0]);
      if (code == '.') return *pop();
      step(code);
    }
  }

  /// How many bytes were read.
  std::size_t position() const { return at_; }
  /// How many nodes there are, of all pickles read.
  std::size_t nodes() const { return arena_.size(); }
  template <class F>
  void for_each_node(F f) const {
    for (const pickle_node& n : arena_) f(n);
  }

 private:
  using kind = pickle_node::kind;

  [[noreturn]] void fail(const std::string& what) const {
    throw_format_error(concat("pickle: ", what, ": ", name_, " at byte ", start_));
  }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - at_)
      fail(concat("truncated (", count, " bytes expected, ", bytes_.size() - at_, " found)"));
    const std::string_view out = bytes_.substr(at_, static_cast<std::size_t>(count));
    at_ += static_cast<std::size_t>(count);
    return out;
  }
  std::uint64_t number(std::size_t width) {
    const std::string_view s = take(width);
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < width; ++i) v |= std::uint64_t{static_cast<unsigned char>(s[i])} << (8 * i);
    return v;
  }
  std::string_view line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == bytes_.npos) fail("truncated (a line does not end)");
    const std::string_view out = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return out;
  }

  pickle_node& node(kind type) {
    arena_.emplace_back().type = type;
    return arena_.back();
  }
  pickle_node& push(kind type) {
    stack_.push_back(&node(type));
    return *stack_.back();
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  pickle_node* pop() {
    if (stack_.size() <= floor()) fail("the stack is empty");
    pickle_node* n = stack_.back();
    stack_.pop_back();
    return n;
  }
  pickle_node& top() {
    if (stack_.size() <= floor()) fail("the stack is empty");
    return *stack_.back();
  }
  std::vector<pickle_node*> pop_mark() {
    if (marks_.empty()) fail("no mark");
    std::vector<pickle_node*> out(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return out;
  }

  void text(kind type, std::uint64_t length) { push(type).text = take(length); }
  void tuple(std::size_t count) {
    std::vector<pickle_node*> items(count);
    for (std::size_t i = count; i > 0; --i) items[i - 1] = pop();
    push(kind::tuple).items = std::move(items);
  }
  void integer(std::int64_t v) { push(kind::integer).integer = v; }
  void long_integer(std::uint64_t width) {
    const std::string_view s = take(width);
    if (width > 8) {
      push(kind::long_integer).text = s;
      return;
    }
    std::uint64_t v = width > 0 && (s[width - 1] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = static_cast<std::size_t>(width); i > 0; --i) v = v << 8 | static_cast<unsigned char>(s[i - 1]);
    integer(static_cast<std::int64_t>(v));
  }
  void real() {
    std::uint64_t bits = 0;
    for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
    std::memcpy(&push(kind::real).real, &bits, 8);
  }
  void recall(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail(concat("nothing is remembered as ", key));
    stack_.push_back(found->second);
  }
  void remember(std::uint64_t key) { memo_[key] = &top(); }

  void append(const std::vector<pickle_node*>& items) {
    pickle_node& to = top();
    if (to.type != kind::list && to.type != kind::set && to.type != kind::object)
      fail("items for something that is no list");
    auto& list = to.type == kind::object ? to.appended : to.items;
    list.insert(list.end(), items.begin(), items.end());
  }
  void assign(const std::vector<pickle_node*>& items) {
    if (items.size() % 2 != 0) fail("a key without a value");
    pickle_node& to = top();
    if (to.type != kind::dict && to.type != kind::object) fail("keys for something that is no dict");
    auto& list = to.type == kind::object ? to.assigned : to.items;
    list.insert(list.end(), items.begin(), items.end());
  }
  void global(std::string module, std::string name) {
    pickle_node& g = push(kind::global);
    g.text = std::move(module);
    g.name = std::move(name);
  }
  void stack_global() {
    pickle_node* name = pop();
    pickle_node* module = pop();
    if (name->type != kind::string || module->type != kind::string) fail("a class whose name is no string");
    global(module->text, name->text);
  }
  void call(pickle_node* callee, pickle_node* arguments) {
    if (arguments->type != kind::tuple) fail("arguments that are no tuple");
    pickle_node& o = push(kind::object);
    o.callee = callee;
    o.items = arguments->items;
  }

  void step(unsigned char code) {
    switch (code) {
      case 0x80:  // PROTO
        if (const auto version = number(1); version < 2 || version > 5)
          fail(concat("protocol ", version, " is not read"));
        return;
      case 0x95:
        number(8);
        return;  // FRAME
      case '(':
        marks_.push_back(stack_.size());
        return;
      case '0':
        pop();
        return;
      case '1':
        pop_mark();
        return;
      case '2':
        stack_.push_back(&top());
        return;
      case 'N':
        push(kind::none);
        return;
      case 0x88:
        push(kind::boolean).integer = 1;
        return;
      case 0x89:
        push(kind::boolean);
        return;
      case 'J':
        integer(static_cast<std::int32_t>(number(4)));
        return;
      case 'K':
        integer(static_cast<std::int64_t>(number(1)));
        return;
      case 'M':
        integer(static_cast<std::int64_t>(number(2)));
        return;
      case 0x8a:
        long_integer(number(1));
        return;
      case 0x8b:
        long_integer(number(4));
        return;
      case 'G':
        real();
        return;
      case 'X':
        text(kind::string, number(4));
        return;
      case 0x8c:
        text(kind::string, number(1));
        return;
      case 0x8d:
        text(kind::string, number(8));
        return;
      case 'T':
        text(kind::string, number(4));
        return;  // Python 2's str
      case 'U':
        text(kind::string, number(1));
        return;
      case 'B':
        text(kind::bytes, number(4));
        return;
      case 'C':
        text(kind::bytes, number(1));
        return;
      case 0x8e:
      case 0x96:
        text(kind::bytes, number(8));
        return;
      case ']':
        push(kind::list);
        return;
      case 'a': {
        pickle_node* item = pop();
        append({item});
        return;
      }
      case 0x90:  // ADDITEMS
      case 'e':
        append(pop_mark());
        return;
      case 'l':
        push_items(kind::list);
        return;
      case ')':
        push(kind::tuple);
        return;
      case 't':
        push_items(kind::tuple);
        return;
      case 0x85:
        tuple(1);
        return;
      case 0x86:
        tuple(2);
        return;
      case 0x87:
        tuple(3);
        return;
      case '}':
        push(kind::dict);
        return;
      case 's': {
        pickle_node* value = pop();
        pickle_node* key = pop();
        assign({key, value});
        return;
      }
      case 'u':
        assign(pop_mark());
        return;
      case 0x8f:
        push(kind::set);
        return;
      case 0x91:
        push_items(kind::set);
        return;
      case 'h':
        recall(number(1));
        return;
      case 'j':
        recall(number(4));
        return;
      case 'q':
        remember(number(1));
        return;
      case 'r':
        remember(number(4));
        return;
      case 0x94:
        remember(memo_.size());
        return;
      case 'c': {
        const std::string module(line());
        global(module, std::string(line()));
        return;
      }
      case 0x93:
        stack_global();
        return;
      case 0x81:  // NEWOBJ
      case 'R': {
        pickle_node* arguments = pop();
        call(pop(), arguments);
        return;
      }
      case 'b': {
        pickle_node* state = pop();
        top().state = state;
        return;
      }
      case 'Q': {
        pickle_node* id = pop();
        push(kind::persistent).items = {id};
        return;
      }
      default:
        fail(concat("opcode ", static_cast<int>(code), " is not read"));
    }
  }
  void push_items(kind type) {
    auto items = pop_mark();
    push(type).items = std::move(items);
  }

  std::string_view bytes_;
  std::string name_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::deque<pickle_node> arena_;
  std::vector<pickle_node*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, pickle_node*> memo_;
};

}  // namespace tensorlab::inline v0::io
