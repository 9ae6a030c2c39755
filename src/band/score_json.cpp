// SPDX-License-Identifier: Apache-2.0
#include "band/score_json.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <string_view>
#include <utility>

namespace infinara::band {

namespace {

/// Appends JSON and puts the commas.
class Writer {
 public:
  void open(char bracket) {
    comma();
    text_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    text_ += bracket;
    first_ = false;
  }
  void key(std::string_view name) {
    value(name);
    text_ += ':';
    first_ = true;
  }
  void value(std::string_view words) {
    comma();
    text_ += '"';
    for (const char c : words) {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }
  /// The shortest digits that give the same number back, whatever the locale.
  template <class Number>
  requires std::integral<Number> || std::floating_point<Number>
  void value(Number number) {
    comma();
    char digits[32];
    text_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  }
  void field(std::string_view name, const auto& content) {
    key(name);
    value(content);
  }
  std::string take() { return std::move(text_); }

 private:
  void comma() {
    if (!first_) text_ += ',';
    first_ = false;
  }

  std::string text_;
  bool first_ = true;
};

void add_sections(Writer& json, const Score& score) {
  json.key("sections");
  json.open('[');
  for (const Section& section : score.sections) {
    json.open('[');
    json.value(std::string_view(section.name));
    json.value(std::string_view(&section.theme, 1));
    json.value(section.first_bar);
    json.value(section.bars);
    json.value(section.energy);
    json.close(']');
  }
  json.close(']');
}

void add_chords(Writer& json, const Score& score) {
  json.key("chords");
  json.open('[');
  for (const ChordSpan& span : score.chords) {
    json.open('[');
    json.value(span.tick);
    json.value(span.length);
    json.value(std::string_view(span.chord.name));
    json.value(span.chord.root);
    json.value(span.chord.bass);
    json.open('[');
    for (const int tone : span.chord.tones) json.value(tone);
    json.close(']');
    json.close(']');
  }
  json.close(']');
}

void add_parts(Writer& json, const Score& score) {
  json.key("parts");
  json.open('[');
  for (const Part& part : score.parts) {
    if (part.notes.empty()) continue;
    json.open('{');
    json.field("name", std::string_view(part.sheet->name));
    json.field("role", kRoleNames[static_cast<std::size_t>(part.sheet->role)]);
    json.field("gm", part.sheet->program);
    json.field("preset", std::string_view(part.sheet->preset));
    json.field("low", part.sheet->low);
    json.field("high", part.sheet->high);
    json.key("notes");
    json.open('[');
    for (const Note& note : part.notes) {
      json.open('[');
      for (const int number : {note.tick, note.length, note.pitch, note.velocity})
        json.value(number);
      json.close(']');
    }
    json.close(']');
    json.close('}');
  }
  json.close(']');
}

void add_hits(Writer& json, const Score& score) {
  json.key("hits");
  json.open('[');
  for (const Hit& hit : score.hits) {
    json.open('[');
    json.value(hit.tick);
    json.value(kDrumNames[static_cast<std::size_t>(hit.drum)]);
    json.value(hit.velocity);
    json.close(']');
  }
  json.close(']');
}

}  // namespace

std::string to_json(const Score& score, std::uint32_t seed) {
  Writer json;
  json.open('{');
  json.field("genre", std::string_view(score.sheet->genre));
  json.field("seed", seed);
  json.field("key", std::string_view(key_name(score.key)));
  json.field("tonic", score.key.tonic);
  json.field("mode", music::kModeNames[static_cast<std::size_t>(score.key.mode)]);
  json.field("bpm", score.bpm);
  json.field("swing", score.swing);
  json.field("bars", score.bars);
  json.field("steps", score.sheet->steps());
  json.field("beats", score.beats().beats_per_bar);
  json.field("end", score.end_tick);
  json.field("slows", score.slow_tick);
  json.field("leaves", score.leave_tick);
  json.field("dur", score.duration);
  json.field("spt", score.seconds_per_tick());
  const DrumSheet& drums = score.sheet->drums;
  json.field("kit", std::string_view(drums.program >= 0 ? "gm:" + std::to_string(drums.program)
                                                        : drums.kit));
  add_sections(json, score);
  add_chords(json, score);
  add_parts(json, score);
  add_hits(json, score);
  json.close('}');
  return json.take();
}

}  // namespace infinara::band
