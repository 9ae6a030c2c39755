// SPDX-License-Identifier: Apache-2.0
#include "mix_shared.hpp"

#include <algorithm>
#include <utility>

#include "gstpp/finally.hpp"

namespace infinara {

void MixShared::close() {
  for (MixInput* input : inputs) input->take_all();
  mix.close();
  wake.notify_all();
}

void MixShared::wake_everybody() {
  wake.notify_all();
  for (MixInput* input : inputs) input->invite(true);
}

void MixShared::absorb_edits() {
  for (sound::Edit& edit : mix.take_edits()) {
    titles.hear(edit);
    const bool names =
        edit.what == sound::Edit::What::kReady || edit.what == sound::Edit::What::kEnters;
    outbox_.push_back({edit, names ? titles.of(edit.voice) : nullptr});
  }
}

gstpp::Ref<GstTagList> MixShared::take_tags(std::int64_t begin) {
  auto tags = titles.take_due();
  if (auto retitled = titles.take_retitled()) {
    retitled->at = std::max(retitled->at, begin);
    outbox_.push_back({*retitled, tags});
  }
  return tags;
}

bool MixShared::tell(std::unique_lock<std::mutex>& held, GstElement& element) {
  absorb_edits();
  if (telling_ || outbox_.empty()) return false;
  telling_ = true;
  const gstpp::Finally told([&] {
    if (!held.owns_lock()) held.lock();
    telling_ = false;
    wake.notify_all();
  });
  while (!outbox_.empty()) {
    const auto batch = std::exchange(outbox_, {});
    held.unlock();
    for (const onair::Edit& edit : batch) onair::post(&element, edit);
    held.lock();
  }
  return true;
}

void MixShared::reset() {
  mix.reset();
  titles = {};
  outbox_.clear();
}

}  // namespace infinara
