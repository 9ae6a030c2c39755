// SPDX-License-Identifier: Apache-2.0
#include "band/sheet.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "band/presets.hpp"
#include "music/genre.hpp"
#include "styles.hpp"
#include "text/list.hpp"
#include "text/number.hpp"

namespace infinara::band {

namespace {

using Words = std::vector<std::string_view>;

constexpr double kLowestDb = -60, kHighestDb = 24, kHighestHz = 20000;

Words split(std::string_view line) {
  Words words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t", at)) != line.npos) {
    const auto end = std::min(line.find_first_of(" \t", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

class Reader {
 public:
  Reader(std::string_view name, std::string_view text) : name_(name) {
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++line_;
      line = line.substr(0, line.find(';'));
      if (const Words words = split(line); !words.empty()) read(words);
    }
    check();
  }

  Sheet sheet;

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    std::string text(name_);
    text.append(":").append(std::to_string(line_)).append(": ").append(reason);
    throw SheetError(text);
  }
  [[noreturn]] void fail(const std::string& reason, std::string_view word) const {
    std::string text = reason;
    text.append(" \"").append(word).append("\"");
    fail(text);
  }

  double number(std::string_view word) const {
    const auto value = text::number<double>(word);
    if (!value) fail("no number:", word);
    return *value;
  }
  double number(std::string_view word, double low, double high) const {
    const double value = number(word);
    if (value < low || value > high) fail("out of range:", word);
    return value;
  }
  int whole(std::string_view word, int low, int high) const {
    const double value = number(word, low, high);
    if (value != std::floor(value)) fail("no whole number:", word);
    return static_cast<int>(value);
  }
  std::pair<double, double> range(std::string_view word, double low, double high) const {
    const auto dots = word.find("..");
    if (dots == word.npos) fail("no range LOW..HIGH:", word);
    const std::pair found{number(word.substr(0, dots), low, high),
                          number(word.substr(dots + 2), low, high)};
    if (found.first > found.second) fail("range is upside down:", word);
    return found;
  }

  std::string steps(std::string_view word, std::string_view allowed) const {
    if (word.find_first_not_of(allowed) != word.npos) fail("unknown step in", word);
    const auto bar = 4 * static_cast<std::size_t>(metre_ != nullptr ? metre_->beats : sheet.beats);
    const std::size_t bars = word.size() / bar;
    if (word.size() % bar != 0 || (bars != 1 && bars != 2 && bars != 4))
      fail("a row has " + std::to_string(bar) + " steps a bar and 1, 2 or 4 bars:", word);
    return std::string(word);
  }

  void read(const Words& w) {
    const std::string_view head = w[0];
    if (head[0] == '@') return part_row(w);
    if (head == "or") return other(w);
    static const std::map<std::string_view, void (Reader::*)(const Words&)> kLines{
        {"genre", &Reader::genre},     {"meter", &Reader::meter},
        {"rows", &Reader::rows},       {"mode", &Reader::mode},
        {"tonics", &Reader::tonics},   {"swing", &Reader::swing},
        {"human", &Reader::human},     {"substitution", &Reader::substitution},
        {"chords", &Reader::chords},   {"borrow", &Reader::borrow},
        {"harmony", &Reader::harmony}, {"edges", &Reader::edges},
        {"shape", &Reader::shape},     {"form", &Reader::form},
        {"tags", &Reader::tags},       {"cell", &Reader::cell},
        {"part", &Reader::part},       {"drums", &Reader::drums},
        {"kit", &Reader::kit},         {"fill", &Reader::fill},
        {"balance", &Reader::balance}, {"effects", &Reader::effects},
        {"room", &Reader::room},       {"spread", &Reader::spread}};
    if (const auto found = kLines.find(head); found != kLines.end()) {
      rows_ = nullptr;
      if (metre_ != nullptr && head != "meter" && head != "cell" && head != "rows" &&
          head != "fill")
        fail("it stands before the lines of another metre:", head);
      return (this->*found->second)(w);
    }
    if (drum_of(head)) return drum_row(w);
    fail("unknown line", head);
  }

  void need(const Words& w, std::size_t count) const {
    if (w.size() < count) fail("too few words after", w[0]);
  }
  void genre(const Words& w) {
    need(w, 2);
    sheet.genre = w[1];
    for (std::size_t i = 2; i < w.size(); ++i) sheet.genre.append(" ").append(w[i]);
    if (music::find_genre(sheet.genre) == nullptr) fail("unknown genre", sheet.genre);
  }
  /// With a share it begins what is played in another metre, up to the next one.
  void meter(const Words& w) {
    need(w, 2);
    constexpr std::array<std::string_view, 6> kMetres{"2/4", "3/4", "4/4", "5/4", "6/4", "6/8"};
    if (std::ranges::find(kMetres, w[1]) == kMetres.end())
      fail("a metre is 2/4, 3/4, 4/4, 5/4, 6/4 or 6/8, not", w[1]);
    const bool compound = w[1] == "6/8";
    const int beats = compound ? 3 : w[1][0] - '0';
    if (w.size() > 2) {
      metre_ = &sheet.metres.emplace_back();
      metre_->beats = beats;
      metre_->compound = compound;
      metre_->share = number(w[2], 0, 1);
    } else {
      if (metre_ != nullptr || !sheet.progressions.empty() || !sheet.cells.empty() ||
          !sheet.parts.empty() || !sheet.drums.kit.empty() || !sheet.drums.fills.empty())
        fail("the sheet's own metre stands before chords, cells, parts and drums:", w[1]);
      sheet.beats = beats;
      sheet.compound = compound;
    }
  }
  /// What a part plays in another metre.
  void rows(const Words& w) {
    need(w, 2);
    if (metre_ == nullptr) fail("\"rows\" belongs to another metre");
    const auto part = std::ranges::find(sheet.parts, w[1], &PartSheet::name);
    if (part == sheet.parts.end()) fail("unknown part", w[1]);
    if (std::ranges::any_of(metre_->rows, [&](const auto& rows) { return rows.first == w[1]; }))
      fail("two \"rows\" in one metre for part", w[1]);
    rows_ = &*part;
    metre_->rows.emplace_back(w[1], std::vector<Row>{});
  }
  void mode(const Words& w) {
    for (std::size_t i = 1; i + 1 < w.size(); i += 2) {
      const auto found = music::parse_mode(w[i]);
      if (!found) fail("unknown mode", w[i]);
      sheet.modes.emplace_back(*found, number(w[i + 1], 0, 100));
    }
  }
  void tonics(const Words& w) {
    for (std::size_t i = 1; i < w.size(); ++i) {
      const auto key = music::parse_key(w[i]);
      if (!key) fail("unknown note", w[i]);
      sheet.tonics.push_back(key->tonic);
    }
  }
  void swing(const Words& w) {
    need(w, 3);
    if (w[1] != "8" && w[1] != "16") fail("swing is of 8 or 16, not", w[1]);
    sheet.swing_unit = whole(w[1], 8, 16);
    std::tie(sheet.swing_low, sheet.swing_high) = range(w[2], 0.5, 0.75);
  }
  void human(const Words& w) {
    settings(w, 1,
             {{"ms", {sheet.human_ms, 0, 100}},
              {"velocity", {sheet.human_velocity, 0, 60}},
              {"snare", {sheet.snare_late_ms, -100, 100}}});
  }
  void substitution(const Words& w) {
    need(w, 2);
    sheet.substitution = number(w[1], 0, 1);
  }

  void chords(const Words& w) {
    need(w, 4);
    Progression progression;
    const auto found = music::parse_mode(w[1]);
    if (!found) fail("unknown mode", w[1]);
    progression.mode = *found;
    if (w[2] != "A" && w[2] != "B") fail("a theme is A or B, not", w[2]);
    progression.theme = w[2][0];
    progression.bars.emplace_back();
    for (std::size_t i = 3; i < w.size(); ++i) {
      if (w[i] == "|") {
        progression.bars.emplace_back();
        continue;
      }
      if (w[i] == "%") {
        if (progression.bars.size() < 2) fail("nothing to repeat");
        progression.bars.back() = progression.bars[progression.bars.size() - 2];
        continue;
      }
      const auto chord = parse_chord(w[i]);
      if (!chord) fail("unknown chord", w[i]);
      progression.bars.back().push_back(*chord);
    }
    const int beats = sheet.steps() / sheet.beat_steps();
    for (const auto& bar : progression.bars)
      if (const int n = static_cast<int>(bar.size()); n != 1 && n != 2 && n != beats)
        fail("a bar needs 1, 2 or as many chords as beats");
    if (const auto n = progression.bars.size(); n != 1 && n != 2 && n != 4 && n != 8)
      fail("a progression has 1, 2, 4 or 8 bars, not " + std::to_string(n));
    sheet.progressions.push_back(progression);
  }

  void borrow(const Words& w) {
    need(w, 3);
    Progression chords;
    const auto found = music::parse_mode(w[1]);
    if (!found) fail("unknown mode", w[1]);
    chords.mode = *found;
    for (std::size_t i = 2; i < w.size(); ++i) {
      const auto chord = parse_chord(w[i]);
      if (!chord) fail("unknown chord", w[i]);
      chords.bars.push_back({*chord});
    }
    sheet.borrowed.push_back(chords);
  }
  void harmony(const Words& w) {
    HarmonySheet& h = sheet.harmony;
    settings(w, 1,
             {{"invent", {h.invent, 0, 1}},
              {"split", {h.split, 0, 1}},
              {"hold", {h.hold, 0, 1}},
              {"borrow", {h.borrow, 0, 1}},
              {"cadence", {h.cadence, 0, 1}},
              {"pedal", {h.pedal, 0, 1}},
              {"reharmonise", {h.reharmonise, 0, 1}},
              {"strict", {h.strict, 0, 1}}});
  }

  void edges(const Words& w) {
    EdgeSheet& e = sheet.edges;
    settings(w, 1,
             {{"lift", {e.lift, 0, 1}},
              {"ring", {e.ring, 0, 100}},
              {"cold", {e.cold, 0, 100}},
              {"fade", {e.fade, 0, 100}},
              {"ritardando", {e.ritardando, 0, 1}}});
    if (e.ring + e.cold + e.fade <= 0) fail("a track needs an ending");
  }

  void shape(const Words& w) {
    need(w, 2);
    sheet.shapes.emplace_back();
  }
  void form(const Words& w) {
    need(w, 5);
    SectionSheet section;
    section.name = w[1];
    if (w[2].size() != 1 || w[2][0] < 'A' || w[2][0] > 'D') fail("a theme is A to D, not", w[2]);
    section.theme = w[2][0];
    section.bars = whole(w[3], 1, 32);
    section.energy = number(w[4], 0, 1);
    if (sheet.shapes.empty()) sheet.shapes.emplace_back();
    sheet.shapes.back().push_back(section);
  }

  /// Which sections the words of an ordered form mean.
  void tags(const Words& w) {
    for (std::size_t i = 1; i < w.size(); ++i) {
      const auto equals = w[i].find('=');
      const auto* found = std::ranges::find(kTags, w[i].substr(0, equals));
      if (equals == w[i].npos || found == kTags.end()) fail("no TAG=SECTION:", w[i]);
      const auto tag = static_cast<Tag>(found - kTags.begin());
      if (tag == Tag::kIntro || tag == Tag::kOutro) fail("it is the first or last section:", w[i]);
      sheet.tags[static_cast<std::size_t>(tag)] = w[i].substr(equals + 1);
    }
  }

  void cell(const Words& w) {
    for (std::size_t i = 1; i < w.size(); ++i) {
      const std::string row = steps(w[i], "Xxo-.");
      if (static_cast<int>(row.size()) != 4 * (metre_ != nullptr ? metre_->beats : sheet.beats))
        fail("a cell is one bar:", w[i]);
      if (row.find_first_of("Xxo") == row.npos) fail("a cell without a note:", w[i]);
      (metre_ != nullptr ? metre_->cells : sheet.cells).push_back(row);
    }
  }

  /// Where a setting goes, and what is allowed.
  struct Setting {
    double& value;
    double low, high;
  };
  using Settings = std::map<std::string_view, Setting>;
  void settings(const Words& w, std::size_t from, const Settings& known) {
    for (std::size_t i = from; i < w.size(); ++i) {
      const auto equals = w[i].find('=');
      const auto found = known.find(w[i].substr(0, equals));
      if (equals == w[i].npos || found == known.end()) fail("unknown setting", w[i]);
      const auto& [name, setting] = *found;
      const double value = number(w[i].substr(equals + 1));
      if (value < setting.low || value > setting.high)
        fail(std::string(name) + " is " + text::shown(setting.low) + " … " +
                 text::shown(setting.high) + ", not",
             w[i].substr(equals + 1));
      setting.value = value;
    }
  }

  void sound(std::string_view word, int& program, std::string& preset, bool kit) {
    if (word.starts_with("gm:")) {
      program = whole(word.substr(3), 0, 127);
      return;
    }
    if (!word.starts_with("syn:")) fail("a sound is gm:NUMBER or syn:NAME, not", word);
    preset = word.substr(4);
    if (kit ? !find_kit(preset) : find_preset(preset) == nullptr) fail("unknown sound", word);
  }

  void part(const Words& w) {
    need(w, 4);
    PartSheet part;
    part.name = w[1];
    const auto* role = std::ranges::find(kRoleNames, w[2]);
    if (role == kRoleNames.end()) fail("unknown role", w[2]);
    part.role = static_cast<Role>(role - kRoleNames.begin());
    sound(w[3], part.program, part.preset, false);
    player(part, w, 4);
    sheet.parts.push_back(part);
    rows_ = &sheet.parts.back();
  }

  /// A player who may stand in for the part above.
  void other(const Words& w) {
    need(w, 3);
    if (rows_ == nullptr || metre_ != nullptr) fail("\"or\" belongs to a part");
    PartSheet part = *rows_;
    part.others.clear();
    part.rows.clear();
    part.name = w[1];
    part.program = -1;
    part.preset.clear();
    sound(w[2], part.program, part.preset, false);
    player(part, w, 3);
    rows_->others.push_back(part);
  }

  void player(PartSheet& part, const Words& w, std::size_t first) {
    double velocity = part.velocity, voices = part.voices, rooted = part.rooted, penta = part.penta;
    const Settings known{{"gain", {part.gain, kLowestDb, kHighestDb}},
                         {"pan", {part.pan, -1, 1}},
                         {"reverb", {part.reverb, 0, 1}},
                         {"delay", {part.delay, 0, 1}},
                         {"chorus", {part.chorus, 0, 1}},
                         {"lowpass", {part.lowpass, 0, kHighestHz}},
                         {"highpass", {part.highpass, 0, kHighestHz}},
                         {"amp", {part.amp, 0, 1}},
                         {"sweep", {part.sweep, 0, 4}},
                         {"pump", {part.pump, 0, 1}},
                         {"velocity", {velocity, 1, 127}},
                         {"voices", {voices, 1, 7}},
                         {"rooted", {rooted, 0, 1}},
                         {"penta", {penta, 0, 1}},
                         {"strum", {part.strum, 0, 100}},
                         {"late", {part.late, -100, 100}},
                         {"legato", {part.legato, 0, 4}},
                         {"density", {part.density, 0, 1}},
                         {"release", {part.release, 0.01, 10}},
                         {"chance", {part.chance, 0, 1}}};
    for (std::size_t i = first; i < w.size(); ++i) {
      if (w[i].starts_with("range=")) {
        const auto [low, high] = range(w[i].substr(6), 12, 108);
        part.low = static_cast<int>(low);
        part.high = static_cast<int>(high);
        if (high - low < 7) fail("a range is at least a fifth:", w[i]);
      } else if (w[i].starts_with("energy=")) {
        std::tie(part.from, part.to) = range(w[i].substr(7), 0, 1);
      } else if (w[i].starts_with("in=")) {
        part.in.clear();
        for (const auto name : text::items_of(w[i].substr(3))) part.in.emplace_back(name);
      } else {
        settings({w[i]}, 0, known);
      }
    }
    part.velocity = static_cast<int>(velocity);
    part.voices = static_cast<int>(voices);
    part.rooted = rooted != 0;
    part.penta = penta != 0;
  }

  void part_row(const Words& w) {
    if (rows_ == nullptr) fail("a row of steps belongs to a part");
    need(w, 2);
    const Role role = rows_->role;
    const std::string_view allowed = role == Role::kArp    ? "123456789-."
                                     : role == Role::kBass ? "R3578ao-."
                                                           : "Xxo-.";
    (metre_ != nullptr ? metre_->rows.back().second : rows_->rows)
        .push_back({steps(w[1], allowed), number(w[0].substr(1), 0, 1)});
  }

  std::optional<Drum> drum_of(std::string_view word) const {
    const auto* found = std::ranges::find(kDrumNames, word);
    if (found == kDrumNames.end()) return std::nullopt;
    return static_cast<Drum>(found - kDrumNames.begin());
  }

  void drums(const Words& w) { drum_kit(w, sheet.drums); }
  /// A kit that may stand there instead.
  void kit(const Words& w) {
    if (sheet.drums.kit.empty()) fail("a kit before the line of the drums");
    DrumSheet other = sheet.drums;
    other.rows.clear();
    other.fills.clear();
    other.others.clear();
    other.program = -1;
    drum_kit(w, other);
    sheet.drums.others.push_back(other);
  }
  void drum_kit(const Words& w, DrumSheet& drums) {
    need(w, 3);
    drums.kit.clear();
    sound(w[1], drums.program, drums.kit, true);
    sound(w[2], drums.program, drums.kit, true);
    if (drums.kit.empty()) fail("drums need an own kit too, for a machine without a soundfont");
    double velocity = drums.velocity;
    settings(w, 3,
             {{"gain", {drums.gain, kLowestDb, kHighestDb}},
              {"reverb", {drums.reverb, 0, 1}},
              {"delay", {drums.delay, 0, 1}},
              {"lowpass", {drums.lowpass, 0, kHighestHz}},
              {"highpass", {drums.highpass, 0, kHighestHz}},
              {"drive", {drums.drive, 0, 1}},
              {"crash", {drums.crash, 0, 1}},
              {"build", {drums.build, 0, 1}},
              {"ornaments", {drums.ornaments, 0, 2}},
              {"velocity", {velocity, 1, 127}}});
    drums.velocity = static_cast<int>(velocity);
  }

  void drum_row(const Words& w) {
    need(w, 3);
    if (sheet.drums.kit.empty()) fail("rows before the line of the drums");
    if (w[1][0] != '@') fail("an energy is written @0.5, not", w[1]);
    (metre_ != nullptr ? metre_->drum_rows : sheet.drums.rows)
        .push_back({*drum_of(w[0]), {steps(w[2], "Xxo."), number(w[1].substr(1), 0, 1)}});
  }

  void fill(const Words& w) {
    need(w, 4);
    const auto drum = drum_of(w[2]);
    if (!drum) fail("unknown drum", w[2]);
    auto& fills = metre_ != nullptr ? metre_->fills : sheet.drums.fills;
    auto found = std::ranges::find(fills, w[1], &Fill::name);
    if (found == fills.end()) found = fills.insert(found, Fill{std::string(w[1]), {}});
    found->rows.push_back({*drum, {steps(w[3], "Xxo."), 0}});
  }

  void balance(const Words& w) {
    constexpr std::array<std::string_view, kBalanceBands> kBands{"sub", "bass", "low",
                                                                 "mid", "high", "top"};
    Settings known;
    for (std::size_t k = 0; k < kBalanceBands; ++k)
      known.emplace(kBands[k], Setting{sheet.balance.db[k], kLowestDb, 0});
    settings(w, 1, known);
    for (const auto band : kBands) {
      const auto shares = std::ranges::count(
          w, band, [](std::string_view word) { return word.substr(0, word.find('=')); });
      if (shares != 1) fail(shares == 0 ? "no share of the band" : "two shares of the band", band);
    }
    sheet.balance.kept = true;
  }
  void effects(const Words& w) { effect_settings(w, 1, sheet.effects); }
  /// Another room: the settings that differ from those of "effects".
  void room(const Words& w) {
    need(w, 3);
    sheet.rooms.push_back(sheet.effects);
    effect_settings(w, 2, sheet.rooms.back());
  }
  void spread(const Words& w) {
    need(w, 2);
    sheet.spread = number(w[1], 0, 1);
  }
  void effect_settings(const Words& w, std::size_t first, EffectSheet& e) {
    settings(w, first,
             {{"reverb", {e.reverb_seconds, 0.1, 12}},
              {"reverb-tone", {e.reverb_tone, 0, kHighestHz}},
              {"reverb-level", {e.reverb_level, 0, 2}},
              {"early", {e.early, 0, 1}},
              {"delay", {e.delay_steps, 0.5, 16}},
              {"feedback", {e.delay_feedback, 0, 0.89}},
              {"delay-tone", {e.delay_tone, 0, kHighestHz}},
              {"delay-level", {e.delay_level, 0, 2}},
              {"delay-duck", {e.delay_duck, 0, 1}},
              {"wow", {e.wow, 0, 1}},
              {"crackle", {e.crackle, 0, 1}},
              {"hiss", {e.hiss, 0, 1}},
              {"air", {e.air, 0, 1}},
              {"saturation", {e.saturation, 0, 1}},
              {"lowpass", {e.lowpass, 0, kHighestHz}},
              {"highpass", {e.highpass, 0, kHighestHz}},
              {"width", {e.width, 0, 1.5}},
              {"trim", {e.trim, kLowestDb, kHighestDb}}});
  }

  /// Checks that need the whole sheet.
  void check() {
    if (sheet.genre.empty()) fail("no line \"genre\"");
    if (sheet.shapes.empty()) fail("no line \"form\"");
    for (const auto& shape : sheet.shapes)
      if (shape.size() < 3) fail("a form has an intro, something between and an outro");
    if (sheet.cells.size() < 2) fail("melodies need two cells at least");
    double shares = 0;
    for (const auto& metre : sheet.metres) {
      if (metre.cells.size() < 2) fail("melodies of another metre need two cells at least");
      shares += metre.share;
    }
    if (shares > 1) fail("the shares of the other metres are more than 1");
    if (sheet.parts.empty() || sheet.parts.size() > 14) fail("1 to 14 parts");
    if (sheet.modes.empty()) fail("no line \"mode\"");
    std::set<std::pair<Mode, char>> have;
    for (const auto& p : sheet.progressions) have.emplace(p.mode, p.theme);
    auto wanted = sheet.modes;  // a requested key is major or minor, whatever the sheet likes
    wanted.emplace_back(Mode::kIonian, 1);
    wanted.emplace_back(Mode::kAeolian, 1);
    for (const auto& [mode, weight] : wanted)
      for (const char theme : {'A', 'B'})
        if (!have.contains({mode, theme}))
          fail("no chords for " + std::string(music::kModeNames[static_cast<std::size_t>(mode)]) +
               " " + theme);
    for (const auto& name : sheet.tags)
      if (!name.empty() && !has_section(name)) fail("a tag means an unknown section " + name);
    for (const auto& part : sheet.parts) {
      const bool by_rows =
          part.role == Role::kComp || part.role == Role::kArp || part.role == Role::kBass;
      if (by_rows && part.rows.empty()) fail("no rows for part " + part.name);
      for (const auto& metre : sheet.metres)
        if (by_rows && std::ranges::none_of(metre.rows, [&](const auto& rows) {
              return rows.first == part.name && !rows.second.empty();
            }))
          fail("no rows of another metre for part " + part.name);
      known_sections(part);
      for (const auto& other : part.others) known_sections(other);
    }
  }
  void known_sections(const PartSheet& part) const {
    for (const auto& name : part.in)
      if (!has_section(name)) fail("part " + part.name + " plays in an unknown section " + name);
  }
  bool has_section(std::string_view name) const {
    return std::ranges::any_of(sheet.shapes, [&](const auto& shape) {
      return std::ranges::find(shape, name, &SectionSheet::name) != shape.end();
    });
  }

  std::string_view name_;
  int line_ = 0;
  PartSheet* rows_ = nullptr;    // the part that rows of steps belong to
  MetreSheet* metre_ = nullptr;  // the other metre that they belong to
};

}  // namespace

Sheet parse_sheet(std::string_view name, std::string_view text) {
  return Reader(name, text).sheet;
}

const Sheet* sheet_of(std::string_view genre) {
  static std::mutex mutex;  // guards `parsed`; the sheets themselves never change
  static std::map<std::string, std::unique_ptr<Sheet>, std::less<>> parsed;
  const std::scoped_lock lock(mutex);
  if (const auto found = parsed.find(genre); found != parsed.end()) return found->second.get();
  const auto* text = std::ranges::find(kStyles, genre, &Style::genre);
  if (text == std::end(kStyles)) return nullptr;
  auto sheet = std::make_unique<Sheet>(parse_sheet(text->file, text->text));
  return parsed.emplace(std::string(genre), std::move(sheet)).first->second.get();
}

}  // namespace infinara::band
