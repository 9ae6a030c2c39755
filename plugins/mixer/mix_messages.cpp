// SPDX-License-Identifier: Apache-2.0
#include "mix_messages.hpp"

#include "sound/frame.hpp"

namespace infinara {

using sound::News;

namespace {

guint64 ns(std::int64_t samples) {
  return static_cast<guint64>(sound::ns_from_samples(samples));
}

}  // namespace

GstStructure* structure_of(const News& news, const GstTagList* tags) {
  const char* pad = news.voice.c_str();
  const guint64 position = ns(news.position);
  switch (news.what) {
    case News::What::kReady:
      return gst_structure_new("smoothstepmix-ready", "pad", G_TYPE_STRING, pad, "position",
                               G_TYPE_UINT64, position, nullptr);
    case News::What::kStarted:
      return gst_structure_new("smoothstepmix-started", "pad", G_TYPE_STRING, pad, "position",
                               G_TYPE_UINT64, position, nullptr);
    case News::What::kFade:
      return gst_structure_new("smoothstepmix-fade", "from", G_TYPE_STRING, news.other.c_str(),
                               "to", G_TYPE_STRING, pad, "position", G_TYPE_UINT64, position, "end",
                               G_TYPE_UINT64, ns(news.until), nullptr);
    case News::What::kOnAir:
      return gst_structure_new("smoothstepmix-on-air", "pad", G_TYPE_STRING, pad, "position",
                               G_TYPE_UINT64, position, "start", G_TYPE_UINT64, ns(news.began),
                               "tags", GST_TYPE_TAG_LIST, tags, nullptr);
    case News::What::kEnded:
      return gst_structure_new("smoothstepmix-ended", "pad", G_TYPE_STRING, pad, "position",
                               G_TYPE_UINT64, position, "played", G_TYPE_UINT64, ns(news.played),
                               "complete", G_TYPE_BOOLEAN, gboolean{news.complete}, nullptr);
    case News::What::kStarved:
      return gst_structure_new("smoothstepmix-starved", "pad", G_TYPE_STRING, pad, "position",
                               G_TYPE_UINT64, position, nullptr);
    case News::What::kEmpty:
      break;
  }
  return gst_structure_new("smoothstepmix-empty", "pad", G_TYPE_STRING, pad, nullptr);
}

}  // namespace infinara
