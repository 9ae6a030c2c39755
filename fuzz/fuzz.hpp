// SPDX-License-Identifier: Apache-2.0
// What every fuzz target needs. A target is one file that defines LLVMFuzzerTestOneInput: it parses
// the bytes as untrusted input and checks the properties that hold for any input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// Runs one input. Called by libFuzzer, or by replay.cpp for each file of the corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace infinara::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program with `property` on stderr unless it holds; libFuzzer then keeps the input.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: this does not hold: %s\n", property);
  std::abort();
}

}  // namespace infinara::fuzz
