// SPDX-License-Identifier: Apache-2.0
// A SoundFont 2 or 3 file mapped into memory and shared by all bands of the process. Nothing of a
// SoundFont 2 is copied: only the pages of samples that are played take memory. A sample of a
// SoundFont 3 is decoded when it is asked for, and shared by those who hold it.
// Layout of the file: SoundFont Technical Specification 2.04. A SoundFont 3 is the same with
// samples that are files of their own, of a format that libsndfile reads (Ogg Vorbis, FLAC).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace infinara::band {

class SoundFont {
 public:
  struct Sample {
    const std::int16_t* data = nullptr;  // in the font, or in `decoded`
    std::uint32_t frames = 0, rate = 0;
    std::uint32_t loop_begin = 0, loop_end = 0;
    int root = 60, cents = 0;
    std::shared_ptr<const std::vector<std::int16_t>> decoded;
  };
  struct Generator {
    std::uint8_t kind;
    float amount;
  };
  struct Modulator {
    std::uint16_t source, target, amount_source;
    std::int16_t amount;
  };
  struct Zone {
    std::uint8_t key_low = 0, key_high = 127, velocity_low = 0, velocity_high = 127;
    int target = -1;  // an instrument or a sample; -1 in a global zone
    std::vector<Generator> generators;
    std::vector<Modulator> modulators;
    bool covers(int key, int velocity) const {
      return key >= key_low && key <= key_high && velocity >= velocity_low &&
             velocity <= velocity_high;
    }
  };
  struct Instrument {
    Zone global;
    std::vector<Zone> zones;
  };
  struct Preset {
    std::string name;
    Zone global;
    std::vector<Zone> zones;  // target = index into instruments
    std::map<int, Instrument> instruments;
  };

  /// The file's font, the same object for all who hold it at a time. Null if it cannot be read or
  /// is not a SoundFont 2 or 3. Any thread.
  static std::shared_ptr<const SoundFont> open(const std::string& path);

  /// The font in `bytes`, which must outlive it; null as above. Any thread.
  static std::shared_ptr<const SoundFont> read(std::span<const std::uint8_t> bytes);

  ~SoundFont();
  SoundFont(const SoundFont&) = delete;
  SoundFont& operator=(const SoundFont&) = delete;

  /// Null if the font has no such preset. Any thread; lives as long as the font.
  const Preset* preset(int bank, int program) const;
  /// An invalid index, a sample outside of the file or one that cannot be decoded gives one without
  /// frames. Any thread; a compressed sample takes about a millisecond for 100000 frames.
  Sample sample(int index) const;

 private:
  SoundFont() = default;
  bool map(const std::string& path);
  bool find_chunks();
  bool has_ordered_indices() const;
  Instrument read_instrument(int index) const;
  std::vector<Zone> read_zones(std::span<const std::uint8_t> bags,
                               std::span<const std::uint8_t> generators,
                               std::span<const std::uint8_t> modulators, int first, int last,
                               int target_kind) const;
  std::shared_ptr<const std::vector<std::int16_t>> decoded(int index, std::uint32_t begin,
                                                           std::uint32_t end) const;

  std::span<const std::uint8_t> file_;
  bool is_mapped_ = false;  // file_ is unmapped at the end
  int version_ = 0;
  std::span<const std::uint8_t> samples_, phdr_, pbag_, pmod_, pgen_, inst_, ibag_, imod_, igen_,
      shdr_;
  mutable std::mutex mutex_;  // guards presets_ and decoded_
  mutable std::map<std::pair<int, int>, std::unique_ptr<Preset>> presets_;
  mutable std::map<int, std::weak_ptr<const std::vector<std::int16_t>>> decoded_;  // by sample
};

}  // namespace infinara::band
