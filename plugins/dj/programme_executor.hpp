// SPDX-License-Identifier: Apache-2.0
// Where a programme meets the threads of a pipeline: any of them tells it what has happened, and
// what follows is carried out in the order in which it was decided, by one thread at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>

#include "music/programme.hpp"
#include "onair/message.hpp"

namespace infinara {

/// What is to be done about something that happened at a position, ns of output.
struct Command {
  onair::Position at;
  std::variant<music::Action, onair::Message> what;
};

class ProgrammeExecutor {
 public:
  /// Carries out the commands. Called without a lock, by the thread that reported the event.
  class Handler {
   public:
    virtual void carry_out(const Command& command) = 0;
    /// The programme is not live and no track is being made: it cannot go on. Called once.
    virtual void give_up() = 0;

   protected:
    ~Handler() = default;
  };

  explicit ProgrammeExecutor(Handler& handler) : handler_(handler) {}

  void open(music::Programme programme, bool is_live);
  /// Ends the programme: later events change nothing. Returns when no other thread carries out a
  /// command. Call it once more when the mixer has stopped, since its last buffers are events too.
  void close();
  bool is_open() const { return genre().has_value(); }

  /// An event, from any thread. `first` is posted before the commands that follow from the event.
  /// If the programme is not live, returns when these have been carried out.
  void happen(onair::Position at, const music::Event& event,
              const std::optional<onair::Message>& first = {});
  /// As above, at the present position.
  void happen(const music::Event& event) { happen(position_, event); }
  /// Posts `message` after the commands of all events before it.
  void tell(onair::Position at, const onair::Message& message);
  /// Sets the programme's clock: `end` is where the buffer that goes out next will end. Call it on
  /// the mixer's thread, before the buffer goes out.
  void reach(onair::Position end);

  /// How much has gone out, ns.
  onair::Position position() const { return position_; }
  bool is_live() const;
  /// Where the DJ stands; nothing while closed.
  std::optional<music::GenreIndex> genre() const;
  /// Seconds of programme; 0 when it is over, if the DJ stays until told otherwise, and while
  /// closed.
  double dwell_remaining() const;
  unsigned tracks_ready() const;

 private:
  static constexpr onair::Position kNever = std::numeric_limits<onair::Position>::max();

  void settle(std::unique_lock<std::mutex>& lock);
  void carry_out_all(std::unique_lock<std::mutex>& lock);

  Handler& handler_;

  // Guards what follows; nothing else is locked inside of it.
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::optional<music::Programme> programme_;
  std::optional<onair::Position> origin_;  // where programme time begins
  std::deque<Command> commands_;
  std::thread::id at_work_;  // the thread that carries out commands
  bool is_live_ = true;
  bool has_given_up_ = false;

  std::atomic<onair::Position> position_ = 0;
  std::atomic<onair::Position> wake_at_ = kNever;
};

}  // namespace infinara
