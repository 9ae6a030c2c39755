// SPDX-License-Identifier: Apache-2.0
#include "mix_titles.hpp"

namespace infinara {

using sound::News;

namespace {

/// A track's name and maker belong to the programme, its coding does not: it was decoded.
void keep_what_describes_music(const GstTagList* from, GstTagList* to) {
  gst_tag_list_foreach(
      from,
      [](const GstTagList* list, const gchar* tag, gpointer target) {
        if (gst_tag_get_flag(tag) != GST_TAG_FLAG_META) return;
        auto* kept = static_cast<GstTagList*>(target);
        gst_tag_list_remove_tag(kept, tag);
        for (guint i = 0; i < gst_tag_list_get_tag_size(list, tag); ++i)
          gst_tag_list_add_value(kept, GST_TAG_MERGE_APPEND, tag,
                                 gst_tag_list_get_value_index(list, tag, i));
      },
      to);
}

}  // namespace

void MixTitles::add(sound::VoiceId voice, const GstTagList* list) {
  auto& known = tags_[voice];
  auto merged = gstpp::Ref<GstTagList>::adopt(known ? gst_tag_list_copy(known.get())
                                                    : gst_tag_list_new_empty());
  keep_what_describes_music(list, merged);
  if (known && gst_tag_list_is_equal(known, merged)) return;
  known = std::move(merged);
  if (voice == on_air_) due_ = known;
}

void MixTitles::hear(const News& news) {
  if (news.what == News::What::kOnAir) {
    on_air_ = news.id;
    const auto& tags = tags_[news.id];
    due_ = tags ? tags : gstpp::Ref<GstTagList>::adopt(gst_tag_list_new_empty());
  } else if (news.what == News::What::kEnded || news.what == News::What::kEmpty) {
    tags_.erase(news.id);
  }
}

}  // namespace infinara
