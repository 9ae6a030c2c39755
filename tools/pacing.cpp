// SPDX-License-Identifier: Apache-2.0
// pacing SECONDS: plays a live mix of short tracks and measures how punctually its frames leave,
// beside a thread that does nothing but clock_nanosleep. Prints "name value" lines, times in ns.
#include <gst/gst.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "gstpp/ref.hpp"
#include "sound/frame.hpp"

namespace {

using gstpp::Ref;
using infinara::sound::kFrameNs;

constexpr int kTrackSeconds = 3;
constexpr int kCrossfade = 1;

struct Frames {
  std::vector<std::int64_t> late;
  std::int64_t jumps = 0;
  std::int64_t next = -1;  // timestamp that would follow
};

/// The mixer's thread: how long after its timestamp this frame leaves.
GstPadProbeReturn see(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  auto& frames = *static_cast<Frames*>(data);
  const auto element = Ref<GstElement>::adopt(gst_pad_get_parent_element(pad));
  const auto clock = Ref<GstClock>::adopt(gst_element_get_clock(element));
  const auto pts = static_cast<std::int64_t>(GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)));
  const auto now =
      static_cast<std::int64_t>(gst_clock_get_time(clock) - gst_element_get_base_time(element));
  frames.late.push_back(now - pts);
  if (frames.next >= 0 && pts != frames.next) ++frames.jumps;
  frames.next = pts + kFrameNs;
  return GST_PAD_PROBE_OK;
}

std::int64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

/// From `due` on.
std::vector<std::int64_t> bare_loop(std::int64_t due, const std::atomic<bool>& stop) {
  std::vector<std::int64_t> late;
  for (; !stop; due += kFrameNs) {
    const timespec until{due / 1'000'000'000, due % 1'000'000'000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
    late.push_back(now_ns() - due);
  }
  return late;
}

void report(const char* name, std::vector<std::int64_t> late) {
  std::ranges::sort(late);
  const auto at = [&](double share) {
    return static_cast<long long>(
        late[static_cast<std::size_t>(share * static_cast<double>(late.size() - 1))]);
  };
  std::printf("%s-p50 %lld\n%s-p99 %lld\n%s-max %lld\n", name, at(0.5), name, at(0.99), name,
              at(1));
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 60;
  std::string line =
      "smoothstepmix name=mix crossfade=" + std::to_string(kCrossfade) + " ! fakesink sync=false";
  const int tracks = seconds / (kTrackSeconds - kCrossfade) + 2;
  for (int i = 0; i < tracks; ++i)
    line +=
        "  audiotestsrc samplesperbuffer=1200 num-buffers=" + std::to_string(kTrackSeconds * 40) +
        " freq=" + std::to_string(220 + 20 * i) +
        " ! audio/x-raw,format=S16LE,rate=48000,channels=2 ! mix.";
  gstpp::Error error;
  const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), error.out()));
  if (error) {
    std::fprintf(stderr, "pacing: %s\n", error.message().c_str());
    return 1;
  }
  Frames frames;
  const auto mix = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "mix"));
  const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(mix, "src"));
  gst_pad_add_probe(src, GST_PAD_PROBE_TYPE_BUFFER, see, &frames, nullptr);

  std::atomic<bool> stop = false;
  std::vector<std::int64_t> bare;
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  // Half a frame away from the mixer's frames: neither waits for a processor that the other has
  // just taken. GStreamer's clock is CLOCK_MONOTONIC too.
  gst_element_get_state(pipeline, nullptr, nullptr, 5 * GST_SECOND);
  auto due = static_cast<std::int64_t>(gst_element_get_base_time(pipeline)) + kFrameNs / 2;
  while (due < now_ns()) due += kFrameNs;
  std::thread loop([&] { bare = bare_loop(due, stop); });
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  guint64 underruns = 0;
  g_object_get(mix, "underruns", &underruns, nullptr);
  stop = true;
  loop.join();
  gst_element_set_state(pipeline, GST_STATE_NULL);

  // Drift: how much later the most punctual frame of the last quarter is than that of the first.
  const auto quarter = static_cast<std::ptrdiff_t>(frames.late.size() / 4);
  const auto first = *std::min_element(frames.late.begin(), frames.late.begin() + quarter);
  const auto last = *std::min_element(frames.late.end() - quarter, frames.late.end());
  std::printf("frames %zu\njumps %lld\nunderruns %llu\ndrift %lld\n", frames.late.size(),
              static_cast<long long>(frames.jumps), static_cast<unsigned long long>(underruns),
              static_cast<long long>(last - first));
  report("mix", frames.late);
  report("bare", bare);
  return 0;
}
