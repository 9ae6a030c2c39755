// SPDX-License-Identifier: Apache-2.0
// A folder of the servers' that is mounted here: finished tracks are copied from it, on a thread of
// its own, since a network volume may hang.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "glibpp/ref.hpp"
#include "glibpp/source.hpp"
#include "remote/error.hpp"
#include "remote/spool.hpp"
#include "remote/time.hpp"

namespace infinara::remote {

/// A track that was copied.
struct VolumeCopy {
  std::shared_ptr<SpooledTrack> track{};
  std::string path{};       // below the volume
  std::string uncleaned{};  // why the file could not be deleted, if it was to be
};

/// Copies the first of `paths` (relative, from volume_paths()) that exists below `root`, and then
/// deletes it if `cleans`. A link or a strange file on the way is refused, and nothing deleted.
/// Blocks as long as the volume does.
Result<VolumeCopy> copy_from_volume(const std::string& root, const std::vector<std::string>& paths,
                                    bool cleans, Spool& spool);

class Volume {
 public:
  using Done = std::function<void(Result<VolumeCopy>)>;
  /// What is done on the thread: copy_from_volume(), in the end. It may block.
  using Copier = std::function<Result<VolumeCopy>(const std::vector<std::string>&, Spool&)>;

  /// Works while `context` is iterated by the thread that calls. `patience`: seconds for one copy.
  Volume(GMainContext* context, Copier copier, Seconds patience = 10);
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;
  /// Calls nobody any more. Never waits for a volume that hangs: its thread ends when that does.
  ~Volume();

  /// `done` is called once, later: with Error::kTimeout if the volume does not answer in time,
  /// and at once so while it still hangs.
  void copy(std::vector<std::string> paths, std::shared_ptr<Spool> spool, Done done);

 private:
  struct Shared;
  void deliver();
  void give_up(std::uint64_t copy);

  struct Waiting {
    Done done;
    glibpp::Source timer;
  };
  const glibpp::Ref<GMainContext> context_;
  const Seconds patience_;
  glibpp::Source delivery_;
  std::shared_ptr<Shared> shared_;
  std::map<std::uint64_t, Waiting> waiting_;
  std::uint64_t next_ = 1;
};

}  // namespace infinara::remote
