// SPDX-License-Identifier: Apache-2.0
#include "mix_shared.hpp"

#include <utility>

#include "gstpp/finally.hpp"
#include "mix_messages.hpp"

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

void MixShared::absorb_news() {
  for (sound::News& news : mix.take_news()) {
    titles.hear(news);
    auto tags = news.what == sound::News::What::kOnAir ? titles.of(news.id) : nullptr;
    outbox_.push_back({std::move(news), std::move(tags)});
  }
}

bool MixShared::tell(std::unique_lock<std::mutex>& held, GstElement& element) {
  absorb_news();
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
    for (const auto& [news, tags] : batch)
      gst_element_post_message(
          &element, gst_message_new_element(GST_OBJECT(&element), structure_of(news, tags)));
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
