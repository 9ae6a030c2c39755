// SPDX-License-Identifier: Apache-2.0
// A folder of a test's own, gone with it. Where there is one it is in a file system without a disk,
// so that a test which syncs a thousand times is quick.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace infinara::test {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(place() / "infinara-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  static std::filesystem::path place() {
    const std::filesystem::path shared = "/dev/shm";
    return ::access(shared.c_str(), W_OK) == 0 ? shared : std::filesystem::temp_directory_path();
  }

  std::string path_;
};

}  // namespace infinara::test
