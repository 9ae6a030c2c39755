// SPDX-License-Identifier: Apache-2.0
// How the ear weighs what is high and low, as ITU-R BS.1770 has it.
#pragma once

namespace infinara::sound {

/// The two filters of BS.1770-4 at 48 kHz, of one channel: a shelf for the head, then a high-pass.
class KWeighting {
 public:
  double process(double x) {
    const double shelf = 1.53512485958697 * x + z1_;
    z1_ = -2.69169618940638 * x + 1.69065929318241 * shelf + z2_;
    z2_ = 1.19839281085285 * x - 0.73248077421585 * shelf;
    const double y = shelf + y1_;
    y1_ = -2 * shelf + 1.99004745483398 * y + y2_;
    y2_ = shelf - 0.99007225036621 * y;
    return y;
  }

 private:
  double z1_ = 0, z2_ = 0, y1_ = 0, y2_ = 0;
};

}  // namespace infinara::sound
