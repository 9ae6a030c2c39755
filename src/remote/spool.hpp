// SPDX-License-Identifier: Apache-2.0
// Where fetched tracks lie until they were played: files without a name, gone with their last
// owner, even if we crash. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "posix/descriptor.hpp"
#include "remote/error.hpp"

namespace infinara::remote {

inline constexpr std::int64_t kTrackBytes = 64 << 20;  // no track is larger

using posix::Descriptor;

class Spool;

/// One track's bytes. Filled by one thread, then only read.
class SpooledTrack {
 public:
  SpooledTrack(std::shared_ptr<Spool> spool, Descriptor file);
  SpooledTrack(const SpooledTrack&) = delete;
  SpooledTrack& operator=(const SpooledTrack&) = delete;
  ~SpooledTrack();

  /// Appends; says what is wrong, if anything.
  std::optional<Error> write(std::span<const std::byte> bytes);
  std::int64_t size() const { return size_; }
  /// Bytes read at `offset`, 0 at the end, -1 on an error of the disk.
  std::int64_t read(std::int64_t offset, std::span<std::byte> into) const;
  int descriptor() const { return file_.fd(); }

 private:
  std::shared_ptr<Spool> spool_;
  Descriptor file_;
  std::int64_t size_ = 0;
};

class Spool : public std::enable_shared_from_this<Spool> {
 public:
  /// `folder` is made if it is missing; `most` bytes lie in it at once.
  Spool(std::string folder, std::int64_t most) : folder_(std::move(folder)), most_(most) {}
  Result<std::shared_ptr<SpooledTrack>> make();
  std::int64_t bytes() const { return bytes_; }

 private:
  friend class SpooledTrack;
  std::string folder_;
  std::int64_t most_;
  std::atomic<std::int64_t> bytes_ = 0;
};

/// Opens the regular file `path` (relative, from path_below()) in the folder `root`; never one
/// outside of it, by whatever link. Does not block on a pipe.
Result<Descriptor> open_below(const std::string& root, const std::string& path);

/// A file of the shared volume that was copied.
struct CopiedFile {
  std::shared_ptr<SpooledTrack> track{};
  std::string unremoved{};  // why it could not be removed, if it was to be
};

/// Copies a file of the shared volume, so that what is auditioned is what will be played even if
/// the server writes there again. `removes`: deletes the file once it is copied whole; only that
/// very file, by its name in its own folder below `root`, through no link.
Result<CopiedFile> copy_below(const std::string& root, const std::string& path, Spool& spool,
                              bool removes = false);

}  // namespace infinara::remote
