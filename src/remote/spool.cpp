// SPDX-License-Identifier: Apache-2.0
#include "remote/spool.hpp"

#include <fcntl.h>
#include <glib.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

namespace infinara::remote {
namespace {

using Kind = Error::Kind;

std::string why() {
  return g_strerror(errno);
}

constexpr int kOpen = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// For kernels and sandboxes without openat2: one step at a time, following no link.
int open_by_steps(int root, const std::string& path, int flags) {
  Descriptor folder(fcntl(root, F_DUPFD_CLOEXEC, 0));
  std::size_t begin = 0;
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', begin)) {
    const std::string step = path.substr(begin, slash - begin);
    folder = Descriptor(openat(folder.fd(), step.c_str(), kOpen | O_DIRECTORY | O_NOFOLLOW));
    if (!folder) return -1;
    begin = slash + 1;
  }
  return openat(folder.fd(), path.c_str() + begin, flags | O_NOFOLLOW);
}

// `path` below `folder`, through no link; -1 with errno.
int open_within(int folder, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const auto file = static_cast<int>(syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how));
  if (file >= 0 || (errno != ENOSYS && errno != EPERM)) return file;
  return open_by_steps(folder, path, flags);
}

}  // namespace

SpooledTrack::SpooledTrack(std::shared_ptr<Spool> spool, Descriptor file)
    : spool_(std::move(spool)), file_(std::move(file)) {}

SpooledTrack::~SpooledTrack() {
  spool_->bytes_ -= size_;
}

std::optional<Error> SpooledTrack::write(std::span<const std::byte> bytes) {
  const auto more = static_cast<std::int64_t>(bytes.size());
  if (size_ + more > kTrackBytes)
    return Error{Kind::kUnsafe,
                 "the track is larger than " + std::to_string(kTrackBytes >> 20) + " MiB"};
  if (spool_->bytes_ + more > spool_->most_)
    return Error{Kind::kDisk, "waiting tracks fill the " + std::to_string(spool_->most_ >> 20) +
                                  " MiB allowed in " + spool_->folder_};
  while (!bytes.empty()) {
    const auto done = ::write(file_.fd(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return Error{Kind::kDisk, spool_->folder_ + ": " + why()};
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    size_ += done;
    spool_->bytes_ += done;
  }
  return {};
}

std::int64_t SpooledTrack::read(std::int64_t offset, std::span<std::byte> into) const {
  for (;;) {
    const auto got = pread(file_.fd(), into.data(), into.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    return got;
  }
}

Result<std::shared_ptr<SpooledTrack>> Spool::make() {
  Descriptor file(open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file && errno == ENOENT && g_mkdir_with_parents(folder_.c_str(), 0700) == 0)
    file = Descriptor(open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file) {
    std::string name = folder_ + "/track-XXXXXX";
    file = Descriptor(mkostemp(name.data(), O_CLOEXEC));
    if (!file) return Error{Kind::kDisk, folder_ + ": " + why()};
    unlink(name.c_str());
  }
  return std::make_shared<SpooledTrack>(shared_from_this(), std::move(file));
}

Result<Descriptor> open_below(const std::string& root, const std::string& path) {
  const Descriptor folder(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return Error{Kind::kNotFound, root + ": " + why()};
  Descriptor file(open_within(folder.fd(), path, kOpen));
  if (!file) {
    const Kind kind = errno == ELOOP || errno == EXDEV ? Kind::kUnsafe : Kind::kNotFound;
    return Error{kind, clean_line(root + "/" + path) + ": " + why()};
  }
  struct stat facts {};
  if (fstat(file.fd(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return Error{Kind::kUnsafe, clean_line(root + "/" + path) + " is not a plain file"};
  if (facts.st_size == 0 || facts.st_size > kTrackBytes)
    return Error{Kind::kUnsafe, clean_line(root + "/" + path) + " has " +
                                    std::to_string(facts.st_size) + " bytes"};
  return file;
}

namespace {

// Deletes `path` below `root` if it still is the file that is open; says why it cannot.
std::string remove_below(const std::string& root, const std::string& path, int open_file) {
  const Descriptor top(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!top) return why();
  const auto slash = path.rfind('/');
  const std::string name = path.substr(slash == path.npos ? 0 : slash + 1);
  Descriptor folder(slash == path.npos
                        ? fcntl(top.fd(), F_DUPFD_CLOEXEC, 0)
                        : open_within(top.fd(), path.substr(0, slash), kOpen | O_DIRECTORY));
  if (!folder) return why();
  struct stat ours {
  }, there{};
  if (fstat(open_file, &ours) != 0 ||
      fstatat(folder.fd(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0)
    return why();
  if (ours.st_dev != there.st_dev || ours.st_ino != there.st_ino)
    return "it was replaced meanwhile";
  return unlinkat(folder.fd(), name.c_str(), 0) == 0 ? "" : why();
}

}  // namespace

Result<CopiedFile> copy_below(const std::string& root, const std::string& path, Spool& spool,
                              bool removes) {
  auto opened = open_below(root, path);
  if (!opened) return std::move(opened).error();
  const Descriptor& file = *opened;
  auto made = spool.make();
  if (!made) return std::move(made).error();
  SpooledTrack& track = **made;
  std::vector<std::byte> block(256 << 10);
  for (;;) {
    const auto got = ::read(file.fd(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Kind::kCut, clean_line(root + "/" + path) + ": " + why()};
    if (got == 0) break;
    if (auto error = track.write({block.data(), static_cast<std::size_t>(got)})) return *error;
  }
  // Another size now: the server is still writing, or writes again.
  struct stat facts {};
  if (fstat(file.fd(), &facts) != 0 || facts.st_size != track.size())
    return Error{Kind::kCut, clean_line(root + "/" + path) + " changed while it was read"};
  CopiedFile out{*std::move(made), {}};
  if (removes)
    if (const std::string reason = remove_below(root, path, file.fd()); !reason.empty())
      out.unremoved = clean_line(root + "/" + path) + ": " + reason;
  return out;
}

}  // namespace infinara::remote
