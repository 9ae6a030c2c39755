// SPDX-License-Identifier: Apache-2.0
#include "band/band.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "band/fluid_synth.hpp"
#include "band/font_search.hpp"
#include "music/genre.hpp"

namespace infinara::band {
namespace {

/// All of a track, asked for in spans of these sizes by turns.
std::vector<std::int16_t> play(const BandOrder& order, std::vector<std::size_t> sizes = {960}) {
  Band band(order);
  std::vector<std::int16_t> all, span;
  for (std::size_t turn = 0;; ++turn) {
    span.resize(sizes[turn % sizes.size()] * 2);
    const std::size_t got = band.render(span);
    if (got == 0) break;
    all.insert(all.end(), span.begin(), span.begin() + static_cast<std::ptrdiff_t>(got * 2));
  }
  EXPECT_EQ(static_cast<std::int64_t>(all.size() / 2), band.length());
  return all;
}

std::string error_of(const BandOrder& order) {
  try {
    Band band(order);
  } catch (const OrderError& error) {
    return error.what();
  }
  return "";
}

TEST(Band, GivesTheSameSamplesInWhateverSpans) {
  const BandOrder order{.genre = "chillwave", .seed = 11, .duration = 6};
  const auto once = play(order);
  EXPECT_EQ(once, play(order));
  EXPECT_EQ(once, play(order, {240, 1, 4096, 64, 63, 1152}));
  EXPECT_EQ(once, play(order, {1000000}));
  BandOrder other = order;
  other.seed = 12;
  EXPECT_NE(once, play(other));
}

TEST(Band, IsAsLongAsAskedToTheSample) {
  for (const double seconds : {1.0, 1.00001, 3.3333, 5.0}) {
    const Band band({.genre = "rock", .seed = 1, .duration = seconds, .tolerance = 0});
    EXPECT_EQ(band.length(), std::llround(seconds * 48000));
    EXPECT_EQ(play({.genre = "rock", .seed = 1, .duration = seconds, .tolerance = 0}).size(),
              static_cast<std::size_t>(band.length()) * 2);
  }
}

TEST(Band, EndsInSilenceWithoutACut) {
  for (const char* genre : {"ambient", "rock", "jazz", "electronic"}) {
    const auto pcm = play({.genre = genre, .seed = 5, .duration = 8});
    EXPECT_EQ(pcm[pcm.size() - 1], 0) << genre;
    EXPECT_EQ(pcm[pcm.size() - 2], 0) << genre;
    int last = 0;
    for (std::size_t i = pcm.size() - 480; i < pcm.size(); ++i)
      last = std::max(last, std::abs(int{pcm[i]}));
    EXPECT_LT(last, 200) << genre;
  }
}

TEST(Band, SaysWhatItCannotPlayAndWhatItCan) {
  EXPECT_EQ(error_of({}), "");
  for (const auto& genre : music::kGenres)
    EXPECT_NE(error_of({.genre = "polka"}).find(genre.name), std::string::npos) << genre.name;
  EXPECT_NE(error_of({.genre = "polka"}).find("\"polka\""), std::string::npos);
  for (const double bpm : {39.9, 220.1, -1.0, std::nan("")})
    EXPECT_NE(error_of({.bpm = bpm}).find("40 to 220"), std::string::npos) << bpm;
  EXPECT_EQ(error_of({.bpm = 40}), "");
  EXPECT_EQ(error_of({.bpm = 220}), "");
  EXPECT_NE(error_of({.key = "H minor"}).find("\"H minor\""), std::string::npos);
  EXPECT_EQ(error_of({.key = "Bbm"}), "");
  for (const double energy : {-0.1, 1.1, std::nan("")})
    EXPECT_NE(error_of({.energy = energy}).find("0 to 1"), std::string::npos) << energy;
  EXPECT_EQ(error_of({.energy = 1}), "");
  EXPECT_EQ(error_of({.form = "verse, drop"}),
            "form has a section \"drop\", allowed are intro, verse, chorus, bridge, break, solo, "
            "outro");
  EXPECT_EQ(error_of({.form = "verse, outro"}), "");
  EXPECT_NE(error_of({.duration = 3, .form = "verse,verse,verse,verse"}).find("4 sections"),
            std::string::npos);
  for (const double seconds : {0.0, 0.99, 3601.0, -5.0, std::nan("")})
    EXPECT_NE(error_of({.duration = seconds}).find("1 to 3600"), std::string::npos) << seconds;
}

/// What the band says of a sheet with this text.
std::string fault_of(const std::string& text) {
  const auto path = (std::filesystem::path(testing::TempDir()) / "mine.style").string();
  std::ofstream(path) << text;
  try {
    const Band band({.genre = "jazz", .duration = 20, .sheet = path});
    return "plays for " + std::to_string(band.length() / 48000) + " s";
  } catch (const SheetError& error) {
    return std::string(error.what()).substr(path.size());
  }
}

TEST(Band, PlaysASheetOfAFileAndSaysWhatIsWrongWithIt) {
  const std::string head = "genre jazz\nmode ionian 1\nmode aeolian 1\n";
  const std::string chords =
      "chords ionian A I\nchords ionian B V\nchords aeolian A i\nchords aeolian B v\n";
  const std::string form = "form intro A 4 .4\nform head A 8 .6\nform outro A 4 .5\n";
  const std::string rest =
      "cell X---x---x---x--- X-------x-------\npart piano comp gm:0\n@0 X-------x-------\n";
  EXPECT_EQ(fault_of(head + chords + form + rest).substr(0, 9), "plays for");
  EXPECT_EQ(fault_of(""), ":0: no line \"genre\"");
  EXPECT_EQ(fault_of(head + chords + rest), ":10: no line \"form\"");
  EXPECT_EQ(fault_of(head + "chords ionian A H\n"), ":4: unknown chord \"H\"");
  EXPECT_EQ(fault_of(head + form + rest), ":9: no chords for ionian A");
  try {
    const Band band({.genre = "jazz", .sheet = "/nonexistent.style"});
    FAIL() << "a sheet that is not there";
  } catch (const SheetError& error) {
    EXPECT_STREQ(error.what(), "/nonexistent.style: cannot be read");
  }
}

TEST(Band, PlaysWithItsOwnVoicesWhereNoFontIsInstalled) {
  const auto empty = std::filesystem::path(testing::TempDir()) / "no_fonts_here";
  std::filesystem::create_directory(empty);
  EXPECT_FALSE(find_font({empty.string(), "/nonexistent"}));
  for (const auto& genre : music::kGenres) {
    const auto pcm =
        play({.genre = std::string(genre.name), .seed = 2, .duration = 4, .soundfont = "none"});
    double power = 0;
    for (const auto x : pcm) power += double{1} * x * x;
    EXPECT_GT(std::sqrt(power / static_cast<double>(pcm.size())), 800) << genre.name;
  }
}

TEST(Band, RefusesAFontThatIsNone) {
  const auto path = (std::filesystem::path(testing::TempDir()) / "broken.sf2").string();
  for (const std::string& text :
       {std::string("no font"), std::string("RIFF\x10\0\0\0sfbkLIST\xff\xff\xff\xff", 20),
        std::string()}) {
    std::ofstream(path, std::ios::binary) << text;
    std::vector<std::int16_t> span(1920);
    Band band({.genre = "jazz", .duration = 2, .soundfont = path});
    EXPECT_THROW(band.render(span), std::runtime_error);
  }
  std::vector<std::int16_t> span(1920);
  Band band({.genre = "jazz", .duration = 2, .soundfont = "/nonexistent.sf2"});
  EXPECT_THROW(band.render(span), std::runtime_error);
}

TEST(Band, PrefersTheFontThatIsKnownToBeGood) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "fonts";
  std::filesystem::create_directory(folder);
  const auto put = [&](const char* name) { std::ofstream(folder / name) << "x"; };
  put("zither.sf2");
  put("readme.txt");
  EXPECT_EQ(find_font({folder.string()}), (folder / "zither.sf2").string());
  put("TimGM6mb.sf2");
  EXPECT_EQ(find_font({folder.string()}), (folder / "TimGM6mb.sf2").string());
  put("infinara.sf3");
  EXPECT_EQ(find_font({folder.string()}), (folder / "infinara.sf3").string());
  put("FluidR3_GM.sf2");
  EXPECT_EQ(find_font({"/nonexistent", folder.string()}), (folder / "FluidR3_GM.sf2").string());
  std::filesystem::remove_all(folder);
}

TEST(Band, TakesRecordedDrumsForTheKitsThatTheyAreAndForNothingElse) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "drum_fonts";
  std::filesystem::create_directory(folder);
  const std::vector<std::string> folders{"/nonexistent", folder.string()};
  EXPECT_FALSE(find_drum_font(folders, 0));
  for (const char* name : {"Black_Pearl_4_LV2.sf2", "Red_Zeppelin_4_LV2.sf2"})
    std::ofstream(folder / name) << "x";
  EXPECT_FALSE(find_font(folders)) << "drums are no band";
  ASSERT_TRUE(find_drum_font(folders, 0));
  EXPECT_EQ(find_drum_font(folders, 0)->path, (folder / "Black_Pearl_4_LV2.sf2").string());
  ASSERT_TRUE(find_drum_font(folders, 16));
  EXPECT_EQ(find_drum_font(folders, 16)->path, (folder / "Red_Zeppelin_4_LV2.sf2").string());
  EXPECT_FALSE(find_drum_font(folders, 40)) << "brushes";
  std::filesystem::remove_all(folder);
}

/// The left of a note, of the font that the player has.
std::vector<float> half_a_second(FluidSynth& synth, int pitch, int velocity) {
  std::vector<float> out;
  synth.note_on(0, pitch, velocity);
  for (int b = 0; b < 375; ++b) {
    synth.render();
    out.insert(out.end(), synth.stem(0).left.begin(), synth.stem(0).left.end());
  }
  return out;
}

/// The power of the steps from sample to sample in that of the sound.
double steepness(const std::vector<float>& sound) {
  double steps = 0, power = 0;
  for (std::size_t i = 1; i < sound.size(); ++i) {
    const double step = static_cast<double>(sound[i]) - static_cast<double>(sound[i - 1]);
    steps += step * step;
    power += static_cast<double>(sound[i]) * static_cast<double>(sound[i]);
  }
  return steps / power;
}

TEST(Band, StrikesTheDrumsOfAFontNeverTwiceAlikeAndSoftOnesDarker) {
  const auto font = find_font(usual_font_folders());
  if (!font) GTEST_SKIP() << "no soundfont is installed";
  const FluidSynth::Preset kit{.bank = 128, .program = 0};
  FluidSynth one(*font, {{kit}}), again(*font, {{kit}}), soft(*font, {{kit}});
  constexpr int kSnare = 38;
  const auto first = half_a_second(one, kSnare, 100);
  EXPECT_EQ(half_a_second(again, kSnare, 100), first) << "but the same from band to band";
  EXPECT_NE(half_a_second(one, kSnare, 100), first);
  EXPECT_GT(steepness(first), 1.5 * steepness(half_a_second(soft, kSnare, 40)));
}

TEST(Band, HasAPlayerWithAFontOfHisOwn) {
  const auto font = find_font(usual_font_folders());
  if (!font) GTEST_SKIP() << "no soundfont is installed";
  const FluidSynth::Preset piano{.bank = 0, .program = 0};
  FluidSynth::Preset own = piano;
  own.font = *font;
  FluidSynth synth("", {{own}});
  double power = 0;
  for (const float x : half_a_second(synth, 60, 90)) power += static_cast<double>(x * x);
  EXPECT_GT(power, 0);
  EXPECT_THROW(FluidSynth("", {{piano}}), std::runtime_error);
  own.font = "/nonexistent.sf2";
  EXPECT_THROW(FluidSynth(*font, {{own}}), std::runtime_error);
}

/// A chord of a steel guitar, left after 0.1 s; the voices of it that are there after so many more.
int voices_left_of_a_chord(bool other_note_held, double seconds) {
  const auto font = find_font(usual_font_folders());
  const FluidSynth::Preset guitar{.bank = 0, .program = 25};
  FluidSynth synth(*font, {{guitar, guitar}});
  const auto render = [&](double time) {
    for (double t = 0; t < time; t += kBlock / static_cast<double>(sound::kRate)) synth.render();
  };
  const int chord[] = {40, 47, 52, 56};
  for (const int pitch : chord) synth.note_on(0, pitch, 90);
  synth.note_on(1, 60, 90);  // of another player: covers nothing of this one's
  render(0.05);
  const int others = synth.voices() / 5;
  render(0.05);
  for (const int pitch : chord) synth.note_off(0, pitch);
  if (other_note_held) synth.note_on(0, 64, 90);
  render(seconds);
  return synth.voices() - others * (other_note_held ? 2 : 1);
}

TEST(Band, RendersNoTailThatItsPlayerCovers) {
  if (!find_font(usual_font_folders())) GTEST_SKIP() << "no soundfont is installed";
  const int alone = voices_left_of_a_chord(false, 2);
  EXPECT_GE(alone, 4) << "a guitar that is left alone rings on";
  EXPECT_EQ(voices_left_of_a_chord(true, 0.1), alone) << "nor does a new note stop it at once";
  EXPECT_EQ(voices_left_of_a_chord(true, 4), 0);
}

TEST(Band, PlaysBesideOthersAsItPlaysAlone) {
  const char* genres[] = {"jazz", "classical", "rock", "bossa nova"};
  std::vector<std::vector<std::int16_t>> alone, beside(4);
  for (const char* genre : genres)
    alone.push_back(play({.genre = genre, .seed = 9, .duration = 3}));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i)
    threads.emplace_back(
        [&, i] { beside[i] = play({.genre = genres[i], .seed = 9, .duration = 3}); });
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(alone[i], beside[i]) << genres[i];
}

}  // namespace
}  // namespace infinara::band
