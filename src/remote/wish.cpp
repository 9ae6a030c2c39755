// SPDX-License-Identifier: Apache-2.0
#include "remote/wish.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "music/caption.hpp"
#include "music/genre.hpp"

namespace infinara::remote {
namespace {

struct Form {
  std::string_view genre;
  std::string_view lead;
  bool drums;  // it may begin and end with drums alone, where a crossfade is easiest
};
constexpr std::array<Form, music::kGenreCount> kForms{{
    {"ambient", "pads", false},
    {"chillwave", "synth", true},
    {"lofi hip hop", "electric piano", true},
    {"jazz", "piano", true},
    {"bossa nova", "nylon guitar", true},
    {"acoustic folk", "acoustic guitar", false},
    {"classical", "strings", false},
    {"cinematic", "orchestra", false},
    {"synthwave", "synth lead", true},
    {"electronic", "synth", true},
    {"drum and bass", "bass", true},
    {"disco funk", "guitar", true},
    {"indie rock", "guitar", true},
    {"rock", "electric guitar", true},
}};

// No fade-out anywhere: a fade inside our crossfade is a hole.
std::string form_of(std::string_view genre, double duration) {
  const auto* found = std::ranges::find(kForms, genre, &Form::genre);
  const bool drums = found != kForms.end() && found->drums;
  const std::string lead = found != kForms.end() ? " - " + std::string(found->lead) : "";
  const std::string edge = drums ? " - drums only]" : " - sparse]";
  std::string out = "[Instrumental]\n\n[Intro" + edge + "\n\n[Main Theme" + lead + "]\n\n";
  if (duration >= 45) out += "[Breakdown]\n\n[Main Theme]\n\n";
  return out + "[Outro" + edge;
}

}  // namespace

bool serves(const Wish& one, const Wish& other) {
  const auto particular = [](const Wish& wish) {
    return !wish.prompt.empty() || !wish.lyrics.empty() || wish.bpm > 0 || !wish.key.empty() ||
           wish.genre.empty();
  };
  return !particular(one) && !particular(other) && one.genre == other.genre &&
         one.format == other.format && one.model == other.model &&
         std::abs(one.duration - other.duration) <= 0.1 * other.duration;
}

Task Planner::plan(const Wish& wish) {
  Task task;
  const music::Genre* genre = music::find_genre(wish.genre);
  task.prompt = !wish.prompt.empty() ? wish.prompt : wish.caption;
  if (task.prompt.empty())
    task.prompt = genre != nullptr ? music::draw_caption(
                                         *genre, std::array{std::string_view(last_prompt_)}, dice_)
                                   : wish.genre;
  last_prompt_ = task.prompt;

  task.bpm = wish.bpm;
  if (task.bpm <= 0 && genre != nullptr) task.bpm = music::next_bpm(*genre, last_bpm_, dice_);
  task.key = wish.key;
  if (task.key.empty() && genre != nullptr)
    task.key = music::key_name(music::next_key(last_key_, dice_));
  if (task.bpm > 0) last_bpm_ = task.bpm;
  if (const auto key = music::parse_key(task.key)) last_key_ = key;

  task.time_signature = wish.time_signature.empty() ? "4" : wish.time_signature;
  const int beats = std::clamp(std::atoi(task.time_signature.c_str()), 2, 6);
  task.duration = std::clamp(wish.duration, 10.0, 600.0);
  if (task.bpm > 0)
    task.duration = std::round(music::whole_bars(task.duration, task.bpm, beats) * 1000) / 1000;
  task.lyrics = wish.lyrics.empty() ? form_of(wish.genre, task.duration) : wish.lyrics;
  task.seed = wish.seed >= 0 ? wish.seed : static_cast<std::int64_t>(dice_.next() >> 32);
  task.format = wish.format;
  task.model = wish.model;
  return task;
}

void suit_model(Task& task, const Wish& wish, std::string_view model) {
  const bool patient =
      model.find("base") != std::string_view::npos || model.find("sft") != std::string_view::npos;
  task.steps = wish.steps > 0 ? wish.steps : patient ? 50 : 8;
  task.guidance = wish.guidance > 0 ? wish.guidance : patient ? 6 : 7;
  task.shift = wish.shift > 0 ? wish.shift : patient ? 1 : 3;
}

}  // namespace infinara::remote
