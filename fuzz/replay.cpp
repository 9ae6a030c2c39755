// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target once for each file of the folders and files named, and once for no bytes at
// all. With any compiler, without libFuzzer: this is how `./dev test` replays the corpus.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "fuzz.hpp"

namespace {

namespace fs = std::filesystem;

/// The target gets a copy of exactly its size, so that a sanitizer sees each byte read beyond it.
void run(const std::string& bytes) {
  const auto copy = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  LLVMFuzzerTestOneInput(copy.get(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    if (fs::is_directory(argv[i])) {
      for (const auto& entry : fs::directory_iterator(argv[i]))
        if (entry.is_regular_file()) files.push_back(entry.path());
    } else {
      files.emplace_back(argv[i]);
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    std::fprintf(stderr, "usage: %s FOLDER_OR_FILE…: no input was found\n", argv[0]);
    return 2;
  }
  run({});
  for (const fs::path& path : files) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "%s cannot be read\n", path.c_str());
      return 2;
    }
    std::fprintf(stderr, "%s\n", path.filename().c_str());  // the last one named is the culprit
    run({std::istreambuf_iterator<char>(in), {}});
  }
  std::printf("%zu inputs\n", files.size());
}
