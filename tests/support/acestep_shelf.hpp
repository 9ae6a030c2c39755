// SPDX-License-Identifier: Apache-2.0
// Where the double keeps the tracks it made: a folder with two names, ours and the server's, and
// GET /v1/audio, which gives them out, refuses and lies as it is told.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "support/acestep_settings.hpp"

namespace support {

class Shelf {
 public:
  explicit Shelf(const DoubleSettings& settings);
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;
  ~Shelf();

  /// Ours.
  const std::filesystem::path& folder() const { return folder_; }
  /// Writes a track as `name`; what the server's `file` says of it, and where it is on its side.
  struct Place {
    std::string file;
    std::string path;
  };
  Place put(const std::string& name, const std::string& bytes, Fault fault);
  /// GET /v1/audio of one who has the key.
  HttpAnswer give(const HttpRequest& request) const;

 private:
  HttpAnswer give_file(const HttpRequest& request, const std::filesystem::path& path,
                       Fault fault) const;

  const Dialect dialect_;
  const bool honours_range_;
  const double speed_;
  const std::string root_;
  const bool is_own_;
  const std::filesystem::path folder_;
  mutable std::mutex mutex_;
  std::map<std::string, Fault> faults_;  // by path on the server's side
};

}  // namespace support
