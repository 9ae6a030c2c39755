// SPDX-License-Identifier: Apache-2.0
// acestep_cost URL FOLDER: what it costs to have tracks made elsewhere, asked of a server that
// works (acestep-double --delay 1). Prints "name value" lines and leaves the tracks it auditioned
// in FOLDER as track.mp3 and track.flac.
#include <gst/gst.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "audition/audition.hpp"
#include "remote/acestep/pool.hpp"
#include "support/band_musician.hpp"

namespace {

using namespace infinara;

constexpr int kOrders = 40;
constexpr int kIdleSeconds = 60;
constexpr int kHeld = 8;
constexpr double kLong = 180;  // seconds of the auditioned track

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

long resident_kilobytes() {
  std::ifstream in("/proc/self/statm");
  long all = 0;
  long resident = 0;
  in >> all >> resident;
  return resident * 4;
}

class Deck : public remote::OrderObserver {
 public:
  void progressed(const remote::Progressed&) override {}
  void arrived(const remote::Arrived&, std::shared_ptr<remote::SpooledTrack> bytes) override {
    const std::lock_guard lock(mutex_);
    track = std::move(bytes);
    changed_.notify_all();
  }
  void gave_up(const remote::GaveUp& end) override {
    std::fprintf(stderr, "acestep_cost: %s\n", end.reason.c_str());
    std::exit(1);
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return track != nullptr; });
  }
  std::shared_ptr<remote::SpooledTrack> track;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

remote::TrackRequest wanted() {
  remote::TrackRequest wanted;
  wanted.genre = "jazz";
  wanted.duration = 30;
  return wanted;
}

void audition_cost(const std::string& folder) {
  const support::Pcm pcm = support::house_band({.seconds = kLong, .bpm = 120, .prompt = "jazz"});
  for (const std::string format : {"mp3", "flac"}) {
    const std::string bytes = support::encoded(pcm, format);
    std::ofstream(folder + "/track." + format, std::ios::binary) << bytes;
    std::vector<double> runs;
    for (int i = 0; i < 5; ++i) {
      const double begin = seconds_of(CLOCK_THREAD_CPUTIME_ID);
      audition(std::as_bytes(std::span(bytes)), {kLong});
      runs.push_back(seconds_of(CLOCK_THREAD_CPUTIME_ID) - begin);
    }
    std::ranges::sort(runs);
    std::printf("audition-%s %.3f\n", format.c_str(), runs[2]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 3) {
    std::fprintf(stderr, "usage: acestep_cost URL FOLDER\n");
    return 2;
  }
  const auto pool = remote::Pool::of({.servers = {argv[1]}});
  audition_cost(argv[2]);

  // A track is ready when it was fetched, listened to and decoded as far as a sink. The server says
  // when it had it finished; both look at the same clock.
  const std::string line = "acestepsrc genre=jazz duration=30 location=" + std::string(argv[1]) +
                           " ! decodebin ! audioconvert ! audioresample ! trackgain ! fakesink";
  for (int i = 0; i < kOrders; ++i) {
    GstElement* deck = gst_parse_launch(line.c_str(), nullptr);
    if (deck == nullptr) return 1;
    gst_element_set_state(deck, GST_STATE_PAUSED);
    if (gst_element_get_state(deck, nullptr, nullptr, 60 * GST_SECOND) != GST_STATE_CHANGE_SUCCESS)
      return 1;
    std::printf("ready-at-%d %.4f\n", i, seconds_of(CLOCK_MONOTONIC));
    gst_element_set_state(deck, GST_STATE_NULL);
    gst_object_unref(deck);
  }

  const long before = resident_kilobytes();
  std::vector<std::unique_ptr<Deck>> decks;
  std::vector<std::unique_ptr<remote::PlacedOrder>> visits;
  for (int i = 0; i < kHeld; ++i) {
    decks.push_back(std::make_unique<Deck>());
    visits.push_back(std::make_unique<remote::PlacedOrder>(pool, wanted(), *decks.back()));
  }
  for (const auto& deck : decks) deck->wait();
  std::printf("held-kilobytes %.1f\n", static_cast<double>(resident_kilobytes() - before) / kHeld);
  std::printf("held-file-kilobytes %.0f\n", static_cast<double>(decks[0]->track->size()) / 1024);

  // All have their track and nobody waits: the pool looks at its server now and then.
  const double begin = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  std::this_thread::sleep_for(std::chrono::seconds(kIdleSeconds));
  std::printf("idle-hour %.3f\n",
              (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - begin) * 3600 / kIdleSeconds);
  return 0;
}
