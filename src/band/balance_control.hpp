// SPDX-License-Identifier: Apache-2.0
// The balance controller: brings the bands of a track within the corridor of its genre while it is
// being rendered, as an engineer who masters a record does.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "band/block.hpp"
#include "band/equaliser.hpp"
#include "band/sheet.hpp"
#include "sound/fft.hpp"

namespace infinara::band {

/// Hears the mix and turns five equalisers, slowly. It corrects what the whole of the track so far
/// is off by, not the moment: a section without a bass stays one.
class BalanceController {
 public:
  explicit BalanceController(const BalanceSheet& sheet);
  void process(Stereo& block);

 private:
  void hear();
  void turn();
  void narrow(Stereo& block);

  bool on_;
  std::array<double, kBalanceBands> wanted_{}, heard_{};
  double hops_ = 0;
  std::array<double, kBalanceBands> turned_{};  // dB
  std::vector<Equaliser> equalisers_;           // of all bands but the middle
  sound::Fft fft_;
  std::vector<float> window_, last_, real_, imaginary_;
  std::size_t at_ = 0;  // where in last_
  int blocks_ = 0;
  double middle_ = 0, sides_ = 0;  // power so far
  float width_ = 1, width_goal_ = 1;
};

}  // namespace infinara::band
