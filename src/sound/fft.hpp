// SPDX-License-Identifier: Apache-2.0
// A fast Fourier transform, of a size that is a power of two.
#pragma once

#include <cstddef>
#include <vector>

namespace infinara::sound {

class Fft {
 public:
  /// `size`: a power of two, 2 or more.
  explicit Fft(std::size_t size);

  std::size_t size() const { return size_; }
  /// The transform of real + i imaginary, in place and unscaled. Both hold size() values.
  void transform(std::vector<float>& real, std::vector<float>& imaginary);

 private:
  const std::size_t size_;
  std::vector<float> cosines_;  // of the first half turn
  std::vector<float> sines_;
  std::vector<float> other_real_;
  std::vector<float> other_imaginary_;
};

}  // namespace infinara::sound
