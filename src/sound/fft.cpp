// SPDX-License-Identifier: Apache-2.0
#include "sound/fft.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace infinara::sound {

Fft::Fft(std::size_t size)
    : size_(size), cosines_(size / 2), sines_(size / 2), other_real_(size), other_imaginary_(size) {
  for (std::size_t i = 0; i < size / 2; ++i) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size);
    cosines_[i] = static_cast<float>(std::cos(angle));
    sines_[i] = static_cast<float>(std::sin(angle));
  }
}

// Stockham's form: each pass writes in order, so that nothing has to be sorted and the inner loop
// runs over neighbours. `blocks` halves and `stride` doubles from pass to pass.
void Fft::transform(std::vector<float>& real, std::vector<float>& imaginary) {
  for (std::size_t blocks = size_ / 2, stride = 1; blocks >= 1; blocks /= 2, stride *= 2) {
    for (std::size_t block = 0; block < blocks; ++block) {
      const float cosine = cosines_[block * stride];
      const float sine = sines_[block * stride];
      const float* a_real = &real[block * stride];
      const float* a_imag = &imaginary[block * stride];
      const float* b_real = a_real + size_ / 2;
      const float* b_imag = a_imag + size_ / 2;
      float* sum_real = &other_real_[2 * block * stride];
      float* sum_imag = &other_imaginary_[2 * block * stride];
      float* turned_real = sum_real + stride;
      float* turned_imag = sum_imag + stride;
      for (std::size_t i = 0; i < stride; ++i) {
        const float difference_real = a_real[i] - b_real[i];
        const float difference_imag = a_imag[i] - b_imag[i];
        sum_real[i] = a_real[i] + b_real[i];
        sum_imag[i] = a_imag[i] + b_imag[i];
        turned_real[i] = difference_real * cosine - difference_imag * sine;
        turned_imag[i] = difference_real * sine + difference_imag * cosine;
      }
    }
    std::swap(real, other_real_);
    std::swap(imaginary, other_imaginary_);
  }
}

}  // namespace infinara::sound
