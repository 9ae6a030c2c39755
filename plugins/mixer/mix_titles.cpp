// SPDX-License-Identifier: Apache-2.0
#include "mix_titles.hpp"

namespace infinara {

using sound::Edit;

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
  if (!on_air_ || on_air_->voice != voice) return;
  due_ = known;
  retitled_ = {.what = Edit::What::kRetitled,
               .track = on_air_->track,
               .at = on_air_->at,
               .began = on_air_->began,
               .voice = voice};
}

void MixTitles::hear(const Edit& edit) {
  if (edit.what == Edit::What::kEnters) {
    on_air_ = edit;
    retitled_.reset();
    const auto& tags = tags_[edit.voice];
    due_ = tags ? tags : gstpp::Ref<GstTagList>::adopt(gst_tag_list_new_empty());
  } else if (edit.what == Edit::What::kEnds || edit.what == Edit::What::kEmpty) {
    tags_.erase(edit.voice);
  }
}

}  // namespace infinara
