#pragma once

#include <tensorlab/core/math.hpp>
#include <tensorlab/core/type_list.hpp>

/// Steps of the recurrent layers, elementwise over [batch, hidden]. i, f, g, o, r, z, n are activated gates; names with
/// `_pre` stand before the activation.
namespace tensorlab::inline v0::rule {

struct lstm_cell {  // c = f c_prev + i g, f being `forget`
  static constexpr auto name = "lstm_cell";
  template <class T> TL_HD static T f(const T& i, const T& forget, const T& g, const T& c_prev) {
    return forget * c_prev + i * g;
  }
};

struct lstm_output {  // h = o tanh(c)
  static constexpr auto name = "lstm_output";
  template <class T> TL_HD static T f(const T& o, const T& c) { return o * math::tanh(c); }
};

struct lstm_cell_backward {  // dc += dh o (1 - tanh(c)^2)
  static constexpr auto name = "lstm_cell_backward";
  template <class T> TL_HD static T f(const T& dc, const T& dh, const T& o, const T& c) {
    const T t = math::tanh(c);
    return dc + dh * o * (T(1) - t * t);
  }
};

struct lstm_output_backward {  // do_pre = dh tanh(c) o (1 - o)
  static constexpr auto name = "lstm_output_backward";
  template <class T> TL_HD static T f(const T& dh, const T& o, const T& c) {
    return dh * math::tanh(c) * o * (T(1) - o);
  }
};

struct sigmoid_gate_backward {  // y = s v, s = sigmoid(s_pre): ds_pre = dy v s (1 - s)
  static constexpr auto name = "sigmoid_gate_backward";
  template <class T> TL_HD static T f(const T& dy, const T& v, const T& s) { return dy * v * s * (T(1) - s); }
};

struct tanh_gate_backward {  // y = t v, t = tanh(t_pre): dt_pre = dy v (1 - t^2)
  static constexpr auto name = "tanh_gate_backward";
  template <class T> TL_HD static T f(const T& dy, const T& v, const T& t) { return dy * v * (T(1) - t * t); }
};

struct gru_candidate {  // n = tanh(x + r h)
  static constexpr auto name = "gru_candidate";
  template <class T> TL_HD static T f(const T& x, const T& r, const T& h) { return math::tanh(T(x + r * h)); }
};

struct gru_output {  // h = (1 - z) n + z h_prev
  static constexpr auto name = "gru_output";
  template <class T> TL_HD static T f(const T& z, const T& n, const T& h_prev) { return n + z * (h_prev - n); }
};

struct gru_candidate_backward {  // dn_pre = dh (1 - z) (1 - n^2)
  static constexpr auto name = "gru_candidate_backward";
  template <class T> TL_HD static T f(const T& dh, const T& z, const T& n) { return dh * (T(1) - z) * (T(1) - n * n); }
};

struct gru_update_backward {  // dz_pre = dh (h_prev - n) z (1 - z)
  static constexpr auto name = "gru_update_backward";
  template <class T> TL_HD static T f(const T& dh, const T& z, const T& n, const T& h_prev) {
    return dh * (h_prev - n) * z * (T(1) - z);
  }
};

using rnn_ops = type_list<lstm_cell, lstm_output, lstm_cell_backward, lstm_output_backward, sigmoid_gate_backward,
                          tanh_gate_backward, gru_candidate, gru_output, gru_candidate_backward, gru_update_backward>;

}  // namespace tensorlab::inline v0::rule
