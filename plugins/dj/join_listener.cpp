// SPDX-License-Identifier: Apache-2.0
#include "join_listener.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "gstpp/stream.hpp"
#include "sound/frame.hpp"
#include "sound/join_figures.hpp"

namespace infinara {
namespace {

std::int64_t samples_of(GstClockTime time) {
  return static_cast<std::int64_t>(gst_util_uint64_scale_round(time, sound::kRate, GST_SECOND));
}

std::int64_t begin_of(GstBuffer* buffer) {
  return samples_of(GST_BUFFER_PTS(buffer));
}

}  // namespace

struct JoinListener::Heard {
  ~Heard() { listener.is_measuring_ = false; }

  JoinListener& listener;
  onair::Join join;
  sound::Edit leaves;
  std::deque<gstpp::Ref<GstBuffer>> buffers;
};

void JoinListener::open(bool is_live) {
  const std::lock_guard lock(mutex_);
  is_live_ = is_live;
}

void JoinListener::hear(GstBuffer* buffer) {
  std::unique_ptr<Heard> heard;
  bool is_live = true;
  {
    const std::lock_guard lock(mutex_);
    is_live = is_live_;
    buffers_.push_back(gstpp::Ref<GstBuffer>::share(buffer));
    const auto now = begin_of(buffer);
    const auto end = leaves_.at + leaves_.fade.delay + leaves_.fade.length;
    if (join_ && now >= end + sound::kSideOfJoin) {
      const auto join = *std::exchange(join_, {});
      if (!is_measuring_.exchange(true)) heard.reset(new Heard{*this, join, leaves_, buffers_});
    }
    const auto from = (join_ ? leaves_.at : now) - sound::kSideOfJoin;
    while (begin_of(buffers_.front().get()) + sound::kFrame <= from) buffers_.pop_front();
  }
  if (!heard) return;
  if (!is_live) return measure(&bin_, heard.get());
  gst_element_call_async(&bin_, &JoinListener::measure, heard.release(),
                         [](gpointer done) { delete static_cast<Heard*>(done); });
}

void JoinListener::leaves(const sound::Edit& edit, const onair::Join& join) {
  const std::lock_guard lock(mutex_);
  join_ = join;
  leaves_ = edit;
}

/// Both basses are heard while both gains are above -12 dB.
void JoinListener::begins(const sound::Edit& edit) {
  constexpr double kQuarter = 0.3263;  // of the way 3t²-2t³ has gone one
  const std::lock_guard lock(mutex_);
  if (!join_ || edit.at != leaves_.at) return;
  const auto& out = leaves_.bands ? leaves_.bands->low : leaves_.fade;
  const auto& in = edit.bands ? edit.bands->low : edit.fade;
  const double begin = static_cast<double>(in.delay) + kQuarter * static_cast<double>(in.length);
  const double end =
      static_cast<double>(out.delay) + (1 - kQuarter) * static_cast<double>(out.length);
  join_->basses = std::max(end - begin, 0.0) / sound::kRate;
}

void JoinListener::clear() {
  const std::lock_guard lock(mutex_);
  buffers_.clear();
  join_.reset();
}

void JoinListener::measure(GstElement* bin, gpointer data) {
  const auto& heard = *static_cast<const Heard*>(data);
  std::vector<std::int16_t> programme;
  programme.reserve(heard.buffers.size() * sound::kFrameValues);
  for (const auto& buffer : heard.buffers) {
    const gstpp::Map map(buffer, GST_MAP_READ);
    const auto samples = map.as<const std::int16_t>();
    programme.insert(programme.end(), samples.begin(), samples.end());
  }
  const auto begin = heard.leaves.at - begin_of(heard.buffers.front().get());
  const auto figures = sound::figures_of_join(
      programme, begin, begin + heard.leaves.fade.delay + heard.leaves.fade.length,
      heard.leaves.fit == sound::Fit::kBars ? heard.leaves.beat : 0);
  onair::Join join = heard.join;
  join.dip = figures.dip;
  join.rise = figures.rise;
  // Beats of two tempi are apart by nature.
  const bool has_one_tempo = heard.leaves.fit != sound::Fit::kTempo;
  join.beats_apart = has_one_tempo ? figures.beats_apart.value_or(-1) : -1;
  onair::post(bin, join);
}

}  // namespace infinara
