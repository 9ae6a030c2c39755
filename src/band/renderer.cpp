// SPDX-License-Identifier: Apache-2.0
#include "band/renderer.hpp"

#include <algorithm>
#include <array>

#include "band/font_search.hpp"
#include "band/soundfont.hpp"

namespace infinara::band {

namespace {

constexpr int kAheadBlocks = 15 * kHopBlocks;  // look-ahead of the loudness controller, 1.5 s

/// Keys of the recorded drums, in the order of Drum. 0: their font has none, or one stroke for all
/// velocities.
constexpr std::array<int, kDrumNames.size()> kRecordedKeys{36, 38, 37, 0, 42, 46, 51, 49, 41,
                                                           45, 47, 0,  0, 56, 0,  0,  40};

/// The energy added to the liveliest sections, drops and last choruses, so that they stand out.
double peak_at(double energy) {
  constexpr double kPeak = 0.16, kFrom = 0.84, kFull = 0.92;
  return kPeak * std::clamp((energy - kFrom) / (kFull - kFrom), 0.0, 1.0);
}

/// `share` of that added.
std::vector<float> peaked(std::vector<float> energy, double share) {
  for (float& e : energy) e += static_cast<float>(share * peak_at(static_cast<double>(e)));
  return energy;
}

/// The least energy of intro and outro: the mean of the sections between them and a little more,
/// since fewer play there, or less where the sheet wants them quiet.
double edge_energy(const Score& score) {
  double sum = 0;
  int bars = 0;
  for (std::size_t i = 1; i + 1 < score.sections.size(); ++i) {
    const double energy = score.sections[i].energy;
    sum += (energy + peak_at(energy)) * score.sections[i].bars;
    bars += score.sections[i].bars;
  }
  constexpr double kFewer = 0.05, kQuieter = 0.26;  // of energy
  return bars > 0 ? sum / bars + kFewer - kQuieter * (1 - score.sheet->edges.lift) : 0;
}

/// The energy (0 to 1) of each 100 ms of the track, from its sections.
std::vector<float> energies(const Score& score, std::int64_t length) {
  std::vector<float> out(static_cast<std::size_t>(length / (kHopBlocks * kBlock) + 1));
  const double least = edge_energy(score);
  int tick = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    while (score.seconds_at(tick + 1) <= (static_cast<double>(i) + 0.5) / 10) ++tick;
    const Section& section = score.section_at(tick);
    const bool edge = &section == &score.sections.front() || &section == &score.sections.back();
    out[i] = static_cast<float>(edge ? std::max(section.energy, least) : section.energy);
  }
  return out;
}

/// A fade at the end, written as falling energy: amplitude falls to nothing by a power of 1.5.
std::vector<float> faded(std::vector<float> energy, const Score& score, double db_per_energy) {
  if (score.ending != Ending::kFade) return energy;
  const double from = score.leave_tick * score.seconds_per_tick() * 10;  // hops
  const double length = static_cast<double>(energy.size()) - from;
  for (auto i = static_cast<std::size_t>(from); i < energy.size(); ++i) {
    const double left =
        std::clamp((static_cast<double>(energy.size() - i) - 0.5) / length, 0.01, 1.0);
    energy[i] += static_cast<float>(30 * std::log10(left) / db_per_energy);
  }
  return energy;
}

/// What the sheet's trim lacks where an order makes a track calmer or livelier than its form: dB.
double trim_for(double energy) {
  constexpr double kDbPerEnergy = 18, kUsual = 0.55;
  return energy >= 0 ? kDbPerEnergy * (kUsual - energy) : 0;
}

constexpr double kDbOfPlayers =
    5;  // by how much sheets and velocities make a lively section louder

/// What the renderer adds to that, so that the sections of a track differ: more where its energies
/// are close together. dB from energy 0 to 1.
double section_swell(std::span<const float> energy) {
  const auto [low, high] = std::ranges::minmax(energy);
  return std::clamp(3.1 / std::max(0.05, static_cast<double>(high - low)), 4.5, 18.0);
}

}  // namespace

Renderer::Renderer(const Score& score, const BandOrder& order, std::int64_t length)
    : sheet_(*score.sheet),
      events_(perform(score, order.seed)),
      drums_heard_(order.only.empty() || order.only == "drums"),
      drum_tone_(sheet_.drums.lowpass, sheet_.drums.highpass),
      drum_gain_(from_db(sheet_.drums.gain)),
      reverb_(sheet_.effects.reverb_seconds, sheet_.effects.reverb_tone, sheet_.effects.early),
      echo_(sheet_.effects.delay_steps * kStep * score.seconds_per_tick(),
            sheet_.effects.delay_feedback, sheet_.effects.delay_tone),
      echo_ducking_(sheet_.effects.delay_duck),
      chorus_sent_(std::ranges::any_of(sheet_.parts, [](const auto& p) { return p.chorus > 0; })),
      lofi_(sheet_.effects, order.seed),
      balance_(order.level ? sheet_.balance : BalanceSheet{}),
      trim_(from_db(sheet_.effects.trim + trim_for(order.energy))),
      level_(order.level),
      db_per_energy_(section_swell(energies(score, length))),
      liveliness_(energies(score, length)),
      energy_(faded(peaked(energies(score, length), 1), score, db_per_energy_)),
      // It counts the players' decibels as well, who do not play a peak any louder.
      controller_(
          faded(peaked(energies(score, length), db_per_energy_ / (kDbOfPlayers + db_per_energy_)),
                score, db_per_energy_),
          kDbOfPlayers + db_per_energy_) {
  add_instruments(score, order);
  ahead_.resize(
      static_cast<std::size_t>(std::min<std::int64_t>(kAheadBlocks, length / kBlock + 1)));
  for (Stereo& block : ahead_) {
    mix(block);
    if (meter_.listen(block)) controller_.hear(meter_.power());
  }
}

void Renderer::add_instruments(const Score& score, const BandOrder& order) {
  std::optional<std::string> font;
  if (order.soundfont.empty())
    font = find_font(usual_font_folders());
  else if (order.soundfont != "none")
    font = order.soundfont;
  std::vector<FluidSynth::Preset> presets;
  for (const Part& part : score.parts) {
    const PartSheet& p = *part.sheet;
    const float gain = from_db(p.gain);
    Channel channel{&p,
                    -1,
                    nullptr,
                    Tone(p.lowpass, p.highpass),
                    gain * static_cast<float>(std::min(1.0, 1 - p.pan)),
                    gain * static_cast<float>(std::min(1.0, 1 + p.pan)),
                    order.only.empty() || order.only == p.name,
                    p.amp > 0 ? std::make_unique<Amplifier>(p.amp) : nullptr,
                    nullptr};
    if (p.sweep > 0) {
      music::Random random(order.seed, "sweep " + p.name);
      constexpr double kBars[] = {4, 8, 8, 16};
      const double bar = score.bar_ticks() * score.seconds_per_tick();
      const double period = bar * kBars[random.below(4)];
      channel.sweep = std::make_unique<Sweep>(p.sweep, period, random.uniform32());
    }
    if (p.program >= 0 && font) {
      channel.player = static_cast<int>(presets.size());
      presets.push_back({0, p.program, p.release});
    } else {
      const Preset& preset = p.program >= 0 ? stand_in(p.program) : *find_preset(p.preset);
      channel.synth = std::make_unique<Synth>(
          varied(preset, sheet_.spread, music::Random(order.seed, "voice " + p.name)), order.seed);
    }
    channels_.push_back(std::move(channel));
  }
  const bool plays_kit = sheet_.drums.program >= 0 && font && !score.hits.empty();
  if (plays_kit) {
    drum_player_ = static_cast<int>(presets.size());
    presets.push_back({128, sheet_.drums.program});
  } else {
    kit_ = std::make_unique<DrumKit>(sheet_.drums.kit, order.seed);
  }
  if (plays_kit && order.soundfont.empty())
    if (const auto drums = find_drum_font(usual_font_folders(), sheet_.drums.program);
        drums && SoundFont::open(drums->path) != nullptr) {
      recorded_player_ = static_cast<int>(presets.size());
      presets.push_back({0, 0, 1, drums->path});
      recorded_gain_ = from_db(drums->gain);
    }
  if (presets.empty()) return;
  try {
    fluid_synth_ = std::make_unique<FluidSynth>(*font, presets);
  } catch (const std::runtime_error&) {
    if (!order.soundfont.empty()) throw;  // asked for by name; an installed one may be broken
    channels_.clear();
    drum_player_ = recorded_player_ = -1;
    BandOrder alone = order;
    alone.soundfont = "none";
    add_instruments(score, alone);
  }
}

void Renderer::dispatch() {
  for (; next_event_ < events_.size() && events_[next_event_].block <= block_; ++next_event_) {
    const Event& e = events_[next_event_];
    if (e.part == kDrums) {
      const auto drum = static_cast<Drum>(e.pitch);
      if (drum == Drum::kKick) ducking_.kick();
      if (drums_heard_) strike(drum, e.velocity);
      continue;
    }
    Channel& channel = channels_[e.part];
    if (!channel.heard) continue;
    if (channel.synth) {
      e.on ? channel.synth->note_on(e.pitch, e.velocity) : channel.synth->note_off(e.pitch);
    } else {
      e.on ? fluid_synth_->note_on(channel.player, e.pitch, e.velocity)
           : fluid_synth_->note_off(channel.player, e.pitch);
    }
  }
}

void Renderer::strike(Drum drum, int velocity) {
  const auto index = static_cast<std::size_t>(drum);
  if (kit_)
    kit_->strike(drum, velocity);
  else if (recorded_player_ >= 0 && kRecordedKeys[index] > 0)
    fluid_synth_->note_on(recorded_player_, kRecordedKeys[index], velocity);
  else
    fluid_synth_->note_on(drum_player_, kDrumKeys[index], velocity);
}

void Renderer::send(Stereo& stem, double reverb, double delay, double chorus) {
  dry_.add(stem, static_cast<float>(1 - 0.4 * chorus));
  if (reverb > 0) to_reverb_.add(stem, static_cast<float>(reverb));
  if (delay > 0) to_echo_.add(stem, static_cast<float>(delay));
  if (chorus > 0) to_chorus_.add(stem, static_cast<float>(chorus));
}

float Renderer::now_of(const std::vector<float>& hops) const {
  return hops[std::min<std::size_t>(block_ / kHopBlocks, hops.size() - 1)];
}

void Renderer::mix(Stereo& out) {
  dispatch();
  ++block_;
  dry_.clear();
  to_reverb_.clear();
  to_echo_.clear();
  to_chorus_.clear();
  if (fluid_synth_) fluid_synth_->render();
  add_players();
  add_drums();
  add_effects();
  constexpr double kUsual = 0.65;
  const float goal = from_db(db_per_energy_ * (static_cast<double>(now_of(energy_)) - kUsual));
  if (block_ == 1) swell_ = goal;
  for (std::size_t i = 0; i < kBlock; ++i) {
    swell_ += (goal - swell_) * 0.0002F;  // within 0.1 s
    out.left[i] = dry_.left[i] * trim_ * swell_;
    out.right[i] = dry_.right[i] * trim_ * swell_;
  }
  lofi_.process(out);
  balance_.process(out);
}

void Renderer::add_players() {
  Mono pulled;
  ducking_.next(pulled);
  const float energy = now_of(liveliness_);
  for (Channel& channel : channels_) {
    Stereo stem;
    double reverb = channel.sheet->reverb;
    if (channel.sweep) {
      channel.sweep->next(energy);
      reverb *= 1.3 - 0.6 * channel.sweep->open();  // a closed sound is also farther away
    }
    if (channel.synth) {
      if (channel.sweep) channel.synth->shift_cutoff(channel.sweep->cutoff_shift());
      channel.synth->render(stem);
    } else {
      stem = fluid_synth_->stem(channel.player);
      if (channel.sweep) channel.sweep->process(stem);
    }
    if (channel.amplifier) channel.amplifier->process(stem);
    channel.tone.process(stem);
    const auto pump = static_cast<float>(channel.sheet->pump);
    for (std::size_t i = 0; i < kBlock; ++i) {
      const float down = 1 - pump * pulled[i];
      stem.left[i] *= channel.left * down;
      stem.right[i] *= channel.right * down;
    }
    send(stem, reverb, channel.sheet->delay, channel.sheet->chorus);
  }
}

void Renderer::add_drums() {
  Stereo drums;
  if (kit_)
    kit_->render(drums);
  else
    drums = fluid_synth_->stem(drum_player_);
  if (recorded_player_ >= 0) drums.add(fluid_synth_->stem(recorded_player_), recorded_gain_);
  drum_tone_.process(drums);
  const auto drive = static_cast<float>(sheet_.drums.drive);
  for (auto* side : {&drums.left, &drums.right})
    for (float& x : *side) {
      if (drive > 0) x = soft_clip(x * (1 + 4 * drive)) / (1 + 1.6F * drive);
      x *= drum_gain_;
    }
  send(drums, sheet_.drums.reverb, sheet_.drums.delay, 0);
}

/// What was sent to the effects comes back from them.
void Renderer::add_effects() {
  Stereo wet;
  echo_.process(to_echo_, wet);
  echo_ducking_.process(to_echo_, wet);
  dry_.add(wet, static_cast<float>(sheet_.effects.delay_level));
  to_reverb_.add(wet, 0.25F);
  if (chorus_sent_) {
    chorus_.process(to_chorus_, wet);
    dry_.add(wet, 0.7F);
  }
  reverb_.process(to_reverb_, wet);
  dry_.add(wet, static_cast<float>(sheet_.effects.reverb_level));
}

void Renderer::next(std::span<float, 2 * kBlock> out) {
  if (left_blocks_++ % kHopBlocks == 0) {
    const float goal = level_ ? from_db(controller_.next_gain()) : 1;
    if (left_blocks_ == 1) gain_ = goal;
    gain_step_ = (goal - gain_) / (kHopBlocks * kBlock);
  }
  Stereo& block = ahead_[ahead_at_];
  ahead_at_ = ahead_at_ + 1 == ahead_.size() ? 0 : ahead_at_ + 1;
  for (std::size_t i = 0; i < kBlock; ++i) {
    out[2 * i] = block.left[i] * gain_;
    out[2 * i + 1] = block.right[i] * gain_;
    gain_ += gain_step_;
  }
  mix(block);
  if (meter_.listen(block)) controller_.hear(meter_.power());
  limiter_.process(out);
}

}  // namespace infinara::band
