// SPDX-License-Identifier: Apache-2.0
#include "band/sheet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "music/genre.hpp"

namespace infinara::band {
namespace {

constexpr std::string_view kSmall = R"(; a comment
genre jazz
mode ionian 1
chords ionian A I | IV
chords ionian B V
chords aeolian A i
chords aeolian B iv
form intro A 2 .4
form verse A 4 .6
form outro A 2 .5
cell X---x---x---x--- X---------------
part piano comp gm:0 range=50..70 energy=.2..1 gain=-3.5 in=verse,outro
@0 X-------x-------
drums syn:lofi syn:lofi velocity=90
kick @.5 X.......x.......
)";

/// The sheet with one line replaced, or one added if `from` is empty.
std::string with(std::string_view from, std::string_view to) {
  std::string text(kSmall);
  if (from.empty()) return text.append(to).append("\n");
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

std::string error_of(const std::string& text) {
  try {
    parse_sheet("small.style", text);
  } catch (const SheetError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Sheet, SaysWhatItReads) {
  const Sheet sheet = parse_sheet("small.style", kSmall);
  EXPECT_EQ(sheet.genre, "jazz");
  ASSERT_EQ(sheet.parts.size(), 1u);
  const PartSheet& piano = sheet.parts[0];
  EXPECT_EQ(piano.role, Role::kComp);
  EXPECT_EQ(piano.program, 0);
  EXPECT_EQ(piano.low, 50);
  EXPECT_EQ(piano.high, 70);
  EXPECT_EQ(piano.from, 0.2);
  EXPECT_EQ(piano.gain, -3.5);
  EXPECT_EQ(piano.in, (std::vector<std::string>{"verse", "outro"}));
  ASSERT_EQ(piano.rows.size(), 1u);
  ASSERT_EQ(sheet.drums.rows.size(), 1u);
  EXPECT_EQ(sheet.drums.rows[0].row.energy, 0.5);
  ASSERT_EQ(sheet.progressions[0].bars.size(), 2u);
  EXPECT_EQ(sheet.progressions[0].bars[1][0].root, 5);
}

TEST(Sheet, NamesTheLineAndTheWordOfAFault) {
  const struct {
    std::string_view from, to, expected;
  } rows[] = {
      {"A I | IV", "A I | IX", "small.style:4: unknown chord \"IX\""},
      {"A I | IV", "A I | IV | V", "small.style:4: a progression has 1, 2, 4 or 8 bars, not 3"},
      {"A I | IV", "A I IV V | I", "small.style:4: a bar needs 1, 2 or as many chords as beats"},
      {"genre jazz", "genre polka", "small.style:2: unknown genre \"polka\""},
      {"mode ionian 1", "mode locrian 1", "small.style:3: unknown mode \"locrian\""},
      {"gm:0", "gm:128", "small.style:12: out of range: \"128\""},
      {"gm:0", "syn:kazoo", "small.style:12: unknown sound \"syn:kazoo\""},
      {"gm:0", "piano", "small.style:12: a sound is gm:NUMBER or syn:NAME, not \"piano\""},
      {"comp", "hum", "small.style:12: unknown role \"hum\""},
      {"gain=-3.5", "gian=-3.5", "small.style:12: unknown setting \"gian=-3.5\""},
      {"range=50..70", "range=70..50", "small.style:12: range is upside down: \"70..50\""},
      {"@0 X-------x-------", "@0 X---",
       "small.style:13: a row has 16 steps a bar and 1, 2 or 4 bars: \"X---\""},
      {"@0 X-------x-------", "@0 X---q---X---X---",
       "small.style:13: unknown step in \"X---q---X---X---\""},
      {"syn:lofi syn", "syn:brick syn", "small.style:14: unknown sound \"syn:brick\""},
      {"kick @.5", "kik @.5", "small.style:15: unknown line \"kik\""},
      {"kick @.5", "kick .5", "small.style:15: an energy is written @0.5, not \".5\""},
      {"cell X", "edges lift=2\ncell X", "small.style:11: lift is 0 … 1, not \"2\""},
      {"cell X", "effects wow=3\ncell X", "small.style:11: wow is 0 … 1, not \"3\""},
      {"cell X", "effects reverb-tone=-1\ncell X",
       "small.style:11: reverb-tone is 0 … 20000, not \"-1\""},
      {"cell X", "effects feedback=.9\ncell X", "small.style:11: feedback is 0 … 0.89, not \".9\""},
      {"gain=-3.5", "gain=500", "small.style:12: gain is -60 … 24, not \"500\""},
      {"mode ionian 1", "mode ionian 1\nswing 12 .5...6",
       "small.style:4: swing is of 8 or 16, not \"12\""},
      {"cell X", "tags verse=hook\ncell X", "small.style:16: a tag means an unknown section hook"},
      {"cell X", "tags drop=verse\ncell X", "small.style:11: no TAG=SECTION: \"drop=verse\""},
      {"cell X", "tags verse\ncell X", "small.style:11: no TAG=SECTION: \"verse\""},
      {"cell X", "tags intro=verse\ncell X",
       "small.style:11: it is the first or last section: \"intro=verse\""},
      {"cell X", "meter 7/8\ncell X",
       "small.style:11: a metre is 2/4, 3/4, 4/4, 5/4, 6/4 or 6/8, not \"7/8\""},
      {"cell X", "meter 6/4\ncell X",
       "small.style:11: the sheet's own metre stands before chords, cells, parts and drums: "
       "\"6/4\""},
      {"", "meter 3/4 .2\nmeter 6/4",
       "small.style:17: the sheet's own metre stands before chords, cells, parts and drums: "
       "\"6/4\""},
      {"", "meter 3/4 .2\nrows piano\n@0 X-----------\nrows piano",
       "small.style:19: two \"rows\" in one metre for part \"piano\""},
      {"", "meter 3/4 2", "small.style:16: out of range: \"2\""},
      {"", "meter 3/4 .2", "small.style:16: melodies of another metre need two cells at least"},
      {"", "meter 3/4 .2\ncell X----------- x-----------",
       "small.style:17: no rows of another metre for part piano"},
      {"", "meter 3/4 .2\ncell X-----------X-----------",
       "small.style:17: a cell is one bar: \"X-----------X-----------\""},
      {"", "meter 3/4 .2\nrows flute", "small.style:17: unknown part \"flute\""},
      {"", "meter 3/4 .2\nrows piano\n@0 X-------x-------",
       "small.style:18: a row has 12 steps a bar and 1, 2 or 4 bars: \"X-------x-------\""},
      {"", "meter 3/4 .2\nmode ionian 1",
       "small.style:17: it stands before the lines of another metre: \"mode\""},
      {"", "rows piano", "small.style:16: \"rows\" belongs to another metre"},
      {"cell X", "edges ring=0\ncell X", "small.style:11: a track needs an ending"},
      {"cell X", "edges rong=1\ncell X", "small.style:11: unknown setting \"rong=1\""},
      {"cell X", "balance sub=-10 bass=-5 low=-5 mid=-5 high=-11\ncell X",
       "small.style:11: no share of the band \"top\""},
      {"cell X", "balance sub=-9 sub=-9 sub=-9 sub=-9 sub=-9 sub=-9\ncell X",
       "small.style:11: two shares of the band \"sub\""},
      {"cell X", "balance sub=-10 bass=-5 low=-5 mid=-5 mid=-6 high=-11 top=-18\ncell X",
       "small.style:11: two shares of the band \"mid\""},
      {"cell X", "balance sub=-10 bass=-5 low=-5 middle=-5 high=-11 top=-18\ncell X",
       "small.style:11: unknown setting \"middle=-5\""},
      {"cell X", "balance sub=1 bass=-5 low=-5 mid=-5 high=-11 top=-18\ncell X",
       "small.style:11: sub is -60 … 0, not \"1\""},
      {"gain=-3.5", "amp=1.1", "small.style:12: amp is 0 … 1, not \"1.1\""},
      {"gain=-3.5", "sweep=-1", "small.style:12: sweep is 0 … 4, not \"-1\""},
      {"syn:lofi velocity=90", "syn:lofi build=2", "small.style:14: build is 0 … 1, not \"2\""},
      {"@.5", "@1.5", "small.style:15: out of range: \"1.5\""},
      {"kick @.5", "or other gm:1", "small.style:15: \"or\" belongs to a part"},
      {"drums", "kit", "small.style:14: a kit before the line of the drums"},
      {"form verse A", "form verse E", "small.style:9: a theme is A to D, not \"E\""},
      {"in=verse", "in=chorus", "small.style:15: part piano plays in an unknown section chorus"},
      {"chords aeolian B iv\n", "", "small.style:14: no chords for aeolian B"},
      {"@0 X-------x-------\n", "", "small.style:14: no rows for part piano"},
      {"X---x---x---x--- X", "X", "small.style:15: melodies need two cells at least"},
  };
  EXPECT_EQ(error_of(std::string(kSmall)), "no error");
  for (const auto& row : rows) EXPECT_EQ(error_of(with(row.from, row.to)), row.expected);
  EXPECT_EQ(error_of(with("", "@0 X---------------")),
            "small.style:16: a row of steps belongs to a part");
}

TEST(Sheet, HasOneTwoOrAsManyChordsAsBeatsInABar) {
  const auto error_in = [](const std::string& metre, const std::string& bar) {
    return error_of("genre jazz\nmeter " + metre + "\nchords ionian A " + bar);
  };
  const std::string refused = "small.style:3: a bar needs 1, 2 or as many chords as beats";
  const std::string taken = "small.style:3: no line \"form\"";
  for (const char* bar : {"I", "I IV", "I IV V"}) EXPECT_EQ(error_in("3/4", bar), taken) << bar;
  for (const char* bar : {"I", "I IV", "I IV V I"}) EXPECT_EQ(error_in("4/4", bar), taken) << bar;
  for (const char* bar : {"I", "I IV"}) EXPECT_EQ(error_in("6/8", bar), taken) << bar;
  EXPECT_EQ(error_in("3/4", "I IV V I"), refused);
  EXPECT_EQ(error_in("4/4", "I IV V"), refused);
  EXPECT_EQ(error_in("6/8", "I IV V"), refused);
}

TEST(Sheet, HasOtherMetresWithRowsOfTheirOwn) {
  const Sheet sheet = parse_sheet("small.style", std::string(kSmall) + R"(meter 3/4 .25
cell X-------x--- X-----------
rows piano
@0 ....x---x---
kick @.5 X...........
fill a kick ........x...
meter 6/8 .5
cell X-----x----- X-----------
rows piano
@0 X-----x-----
)");
  EXPECT_EQ(sheet.steps(), 16);
  EXPECT_EQ(sheet.cells.size(), 2u);
  EXPECT_EQ(sheet.drums.rows.size(), 1u);
  ASSERT_EQ(sheet.metres.size(), 2u);
  EXPECT_EQ(sheet.metres[0].beats, 3);
  EXPECT_FALSE(sheet.metres[0].compound);
  EXPECT_EQ(sheet.metres[0].share, 0.25);
  EXPECT_EQ(sheet.metres[0].cells.front(), "X-------x---");
  ASSERT_EQ(sheet.metres[0].rows.size(), 1u);
  EXPECT_EQ(sheet.metres[0].rows[0].second.at(0).steps, "....x---x---");
  EXPECT_EQ(sheet.metres[0].drum_rows.at(0).row.steps, "X...........");
  EXPECT_EQ(sheet.metres[0].fills.at(0).name, "a");
  EXPECT_TRUE(sheet.metres[1].compound);
  EXPECT_TRUE(sheet.metres[1].drum_rows.empty());
}

TEST(Sheet, OffersOtherPlayersKitsRoomsAndForms) {
  const Sheet sheet = parse_sheet("small.style", with("", R"(effects reverb=1 width=.9
room hall reverb=3
kit gm:8 syn:studio gain=-2
part lead lead gm:40 gain=1 chance=.5
or flute gm:73 range=60..80
or synth syn:sawlead gain=-4
shape other
form intro A 4 .4
form verse C 8 .6
form outro D 4 .5
spread .5)"));
  const PartSheet& lead = sheet.parts.back();
  EXPECT_EQ(lead.chance, 0.5);
  ASSERT_EQ(lead.others.size(), 2u);
  EXPECT_EQ(lead.others[0].program, 73);
  EXPECT_EQ(lead.others[0].gain, 1) << "as of the part";
  EXPECT_EQ(lead.others[0].low, 60);
  EXPECT_EQ(lead.others[1].preset, "sawlead");
  EXPECT_EQ(lead.others[1].program, -1);
  ASSERT_EQ(sheet.drums.others.size(), 1u);
  EXPECT_EQ(sheet.drums.others[0].velocity, 90);
  ASSERT_EQ(sheet.rooms.size(), 1u);
  EXPECT_EQ(sheet.rooms[0].reverb_seconds, 3);
  EXPECT_EQ(sheet.rooms[0].width, 0.9);
  ASSERT_EQ(sheet.shapes.size(), 2u);
  EXPECT_EQ(sheet.shapes[1][2].theme, 'D');
  EXPECT_EQ(sheet.spread, 0.5);
}

TEST(Sheet, ReadsBalanceAmplifiersAndSweeps) {
  EXPECT_FALSE(parse_sheet("small.style", kSmall).balance.kept);
  const Sheet sheet = parse_sheet(
      "small.style", with("", R"(balance top=-18 sub=-10.4 bass=-5.7 low=-4.2 mid=-7.9 high=-11
part guitar comp gm:27 amp=.6
@0 X-------x-------
or clean gm:27 amp=.2
or wall gm:27
or organ gm:18 amp=0
part pad pad syn:warm sweep=3.4)"));
  EXPECT_TRUE(sheet.balance.kept);
  EXPECT_EQ(sheet.balance.db,
            (std::array<double, kBalanceBands>{-10.4, -5.7, -4.2, -7.9, -11, -18}));
  ASSERT_EQ(sheet.parts.size(), 3u);
  const PartSheet& guitar = sheet.parts[1];
  EXPECT_EQ(sheet.parts[0].amp, 0);
  EXPECT_EQ(sheet.parts[0].sweep, 0);
  EXPECT_EQ(guitar.amp, 0.6);
  ASSERT_EQ(guitar.others.size(), 3u);
  EXPECT_EQ(guitar.others[0].amp, 0.2);
  EXPECT_EQ(guitar.others[1].amp, 0.6) << "as of the part";
  EXPECT_EQ(guitar.others[2].amp, 0);
  EXPECT_EQ(sheet.parts[2].sweep, 3.4);
}

TEST(Sheet, IsThereForEachGenre) {
  for (const auto& genre : music::kGenres) {
    const Sheet* sheet = nullptr;
    ASSERT_NO_THROW(sheet = sheet_of(genre.name)) << genre.name;
    ASSERT_NE(sheet, nullptr) << genre.name;
    EXPECT_EQ(sheet->genre, genre.name);
    EXPECT_EQ(sheet_of(genre.name), sheet) << "parsed once";
    std::vector<SectionSheet> all;
    for (const auto& shape : sheet->shapes) all.insert(all.end(), shape.begin(), shape.end());
    EXPECT_GE(sheet->shapes.size(), 3u) << genre.name;
    std::set<std::string> names;
    for (const auto& part : sheet->parts) {
      for (const auto& other : part.others)
        EXPECT_TRUE(names.insert(other.name).second) << genre.name << " has two " << other.name;
      EXPECT_TRUE(names.insert(part.name).second) << genre.name << " has two parts " << part.name;
      const bool heard = std::ranges::any_of(all, [&](const SectionSheet& s) {
        return s.energy >= part.from && s.energy <= part.to &&
               (part.in.empty() || std::ranges::find(part.in, s.name) != part.in.end());
      });
      EXPECT_TRUE(heard) << part.name << " of " << genre.name << " never plays";
    }
  }
  EXPECT_EQ(sheet_of("polka"), nullptr);
}

}  // namespace
}  // namespace infinara::band
