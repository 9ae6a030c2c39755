// SPDX-License-Identifier: Apache-2.0
#include "sound/mix.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace infinara::sound {
namespace {

/// Look-ahead of tracks behind the next one: with long crossfades they would only fill memory.
constexpr std::int64_t kFarAhead = 5 * kRate;

/// What may follow the last bar of a track: its last chord, or silence. Planned joins see beyond
/// it, and choose among the bars before it, up to 14 s.
constexpr std::int64_t kAfterLastBar = 8 * kRate;
constexpr std::int64_t kBarsToChoose = 17 * kRate;

/// Longer ones are crossfades, in which the next track comes as the other goes.
constexpr std::int64_t kQuickSkip = kRate;

}  // namespace

void Mix::set(const Settings& settings) {
  settings_ = settings;
  settings_.crossfade = std::clamp<std::int64_t>(settings.crossfade, 0, kLongestFade);
  settings_.skip_fade = std::clamp<std::int64_t>(settings.skip_fade, 0, kLongestFade);
  blocks_.keep(look_ahead());
}

VoiceId Mix::add(unsigned number) {
  auto voice = std::make_unique<Voice>(++last_id_, number, blocks_);
  const auto behind = std::ranges::find_if(voices_, [number](const auto& other) {
    return other->role == Role::kWaiting && !other->parked && other->number > number;
  });
  voices_.insert(behind, std::move(voice));
  if (closed_) end(last_id_);
  return last_id_;
}

void Mix::release(VoiceId id) {
  Voice* voice = find(id);
  if (voice == nullptr) return;
  voice->released = true;
  voice->ended = true;
  if (voice->role == Role::kWaiting) voice->role = Role::kDone;
  sweep();
}

void Mix::write(VoiceId id, std::span<const std::int16_t> samples) {
  Voice* voice = find(id);
  if (voice == nullptr || voice->ended || voice->role == Role::kDone) return;
  voice->fifo.write(samples);
  voice->total += static_cast<std::int64_t>(samples.size()) / kChannels;
  tell_ready(*voice);
}

void Mix::describe(VoiceId id, const Cues& cues) {
  Voice* voice = find(id);
  if (voice == nullptr) return;
  voice->describe(cues);
  if (settings_.join == JoinStyle::kPlanned && voice->role == Role::kWaiting)
    begin_later(*voice, std::min(voice->cues.in, voice->fifo.size() - 1));
}

void Mix::begin_later(Voice& voice, std::int64_t count) {
  if (count <= 0) return;
  voice.begin_later(count);
  trial_.forget(voice.id);
}

void Mix::end(VoiceId id) {
  Voice* voice = find(id);
  if (voice == nullptr || voice->ended) return;
  voice->ended = true;
  if (voice->role == Role::kWaiting && voice->total == 0) {
    voice->role = Role::kDone;
    any_done_ = true;
    edits_.push_back({.what = Edit::What::kEmpty, .track = voice->number, .voice = id});
  }
  tell_ready(*voice);
}

void Mix::close() {
  closed_ = true;
  any_done_ = true;
  for (const auto& voice : voices_) {
    // A track that has not begun is withdrawn: that it is empty would be said of its source.
    if (voice->role == Role::kWaiting && (voice->parked || voice->total == 0))
      voice->role = Role::kDone;
    end(voice->id);
  }
}

bool Mix::is_open(VoiceId id) const {
  const Voice* voice = find(id);
  return voice != nullptr && !voice->ended && voice->role != Role::kDone;
}

void Mix::flush(VoiceId id) {
  Voice* voice = find(id);
  if (voice == nullptr || voice->role == Role::kDone) return;
  voice->flush();
  trial_.forget(id);
  voice->ended = closed_;
  if (voice->is_heard() && !voice->underrun) begin_underrun(*voice);
}

std::int64_t Mix::room(VoiceId id) const {
  const Voice* voice = find(id);
  return voice == nullptr ? 0 : capacity(*voice) - voice->fifo.size();
}

std::int64_t Mix::look_ahead() const {
  return std::max(wanted_of_next(), settings_.min_ready) + kRate;
}

bool Mix::park(VoiceId id, bool parked) {
  const auto found =
      std::ranges::find_if(voices_, [id](const auto& voice) { return voice->id == id; });
  if (found == voices_.end() || (*found)->role != Role::kWaiting) return false;
  if ((*found)->parked == parked) return true;
  (*found)->parked = parked;
  if (!parked) std::rotate(found, found + 1, voices_.end());
  return true;
}

void Mix::skip(std::int64_t length) {
  pending_advances_.push_back(std::clamp<std::int64_t>(length, 0, kLongestFade));
}

std::int64_t Mix::render(std::span<std::int16_t> out) {
  const auto total = static_cast<std::int64_t>(out.size()) / kChannels;
  std::int64_t done = 0;
  any_underrun_ = false;
  while (done < total) {
    const auto count = decide(std::min<std::int64_t>(total - done, kFrame));
    if (count == 0) break;
    sound(out.subspan(static_cast<std::size_t>(done) * kChannels,
                      static_cast<std::size_t>(count) * kChannels));
    move_on(count);
    done += count;
  }
  retire();
  if (any_underrun_) ++underruns_;
  return done;
}

bool Mix::is_finished() const {
  return any_done_ && ramps_.empty() &&
         std::ranges::all_of(voices_, [](const auto& voice) { return voice->role == Role::kDone; });
}

Mix::Status Mix::status(VoiceId id) const {
  const Voice* voice = find(id);
  if (voice == nullptr) return {};
  auto state = VoiceState::kDone;
  if (voice->is_heard()) state = VoiceState::kPlaying;
  if (voice->role == Role::kWaiting)
    state = is_ready(*voice) ? VoiceState::kReady : VoiceState::kFilling;
  return {state, voice->parked, voice->played, voice->fifo.size(),
          voice->is_heard() ? voice->gain() : 0};
}

void Mix::reset() {
  std::erase_if(voices_, [](const auto& voice) { return voice->released; });
  for (auto& voice : voices_) {
    auto fresh = std::make_unique<Voice>(voice->id, voice->number, blocks_);
    fresh->parked = voice->parked;
    if (voice->cut == 0) fresh->cues = voice->cues;
    voice = std::move(fresh);
  }
  std::ranges::stable_sort(voices_, {}, [](const auto& voice) { return voice->number; });
  trial_.reset();
  rehearsed_.reset();
  abandoned_.reset();
  ramps_.clear();
  pending_advances_.clear();
  edits_.clear();
  position_ = 0;
  is_moved_ = false;
  underruns_ = 0;
  any_done_ = false;
  closed_ = false;
}

void Mix::set_position(std::int64_t samples) {
  const auto by = samples - position_;
  for (auto& voice : voices_)
    if (voice->is_heard()) voice->started_at += by;
  position_ = samples;
  is_moved_ = by != 0;
}

// --- who is who

Voice* Mix::find(VoiceId id) const {
  const auto found = std::ranges::find_if(
      voices_, [id](const auto& voice) { return voice->id == id && !voice->released; });
  return found == voices_.end() ? nullptr : found->get();
}

Voice* Mix::playing() const {
  const auto found = std::ranges::find_if(
      voices_, [](const auto& voice) { return voice->role == Role::kPlaying; });
  return found == voices_.end() ? nullptr : found->get();
}

/// The track whose turn is next.
Voice* Mix::head() const {
  const auto found = std::ranges::find_if(
      voices_, [](const auto& voice) { return voice->role == Role::kWaiting && !voice->parked; });
  return found == voices_.end() ? nullptr : found->get();
}

bool Mix::is_ready(const Voice& voice) const {
  return voice.fifo.size() > 0 && (voice.ended || voice.fifo.size() >= settings_.min_ready);
}

/// How far from its end a track may be left.
std::int64_t Mix::reach() const {
  return settings_.crossfade +
         (settings_.join == JoinStyle::kPlanned ? kAfterLastBar + kBarsToChoose : 0);
}

/// How much of the next track decides how it is joined: two crossfades at least, since a track that
/// is shorter than that is joined otherwise. A planned join chooses among the bars of its first
/// quarter.
std::int64_t Mix::wanted_of_next() const {
  const bool is_planned = settings_.join == JoinStyle::kPlanned;
  return std::max({2 * settings_.crossfade, reach(), is_planned ? 4 * kMostLeftOut : 0});
}

/// How many samples of a track are kept. Of the one that plays: so many from its end that it may be
/// left there, and a second, so that its end is known before its fade must begin. Of the next one:
/// what decides how it is joined, and a second too. Of those after it: enough to start.
std::int64_t Mix::capacity(const Voice& voice) const {
  auto ahead = reach();
  if (voice.role == Role::kWaiting)
    ahead = &voice == head() ? wanted_of_next() : std::min(settings_.crossfade, kFarAhead);
  return std::max(ahead, settings_.min_ready) + kRate;
}

/// Whether more data could not change what is decided about this next track.
bool Mix::is_settled(const Voice& voice) const {
  return voice.ended || voice.fifo.size() >= capacity(voice);
}

// --- decisions

/// Carries out all that is due at the present position. Returns the samples until the next
/// decision, at most `limit`; 0 if a patient mix has to wait for more of a track.
std::int64_t Mix::decide(std::int64_t limit) {
  for (;;) {
    retire();
    tell_on_air();
    Voice* now = playing();
    Voice* next = head();
    const bool next_is_known = !settings_.patient || next == nullptr || is_settled(*next);

    if (!pending_advances_.empty()) {
      if (now != nullptr && !next_is_known) return 0;
      if (now != nullptr && skips_on_beat(*now, next)) {
        const auto wait = until_beat(*now->grid(), now->played + before_downbeat(*next));
        if (wait > 0) return bound_by_voices(std::min(limit, wait));
      }
      const auto wanted = pending_advances_.front();
      pending_advances_.erase(pending_advances_.begin());
      if (now != nullptr) carry_out_skip(*now, next, wanted);
      continue;
    }

    auto count = limit;
    if (now == nullptr) {
      if (!next_is_known) return 0;
      if (next != nullptr && is_ready(*next)) {
        start_from_silence(*next);
        continue;
      }
      const bool silent = ramps_.empty() && std::ranges::none_of(voices_, [](const auto& voice) {
                            return voice->is_heard();
                          });
      if (settings_.patient && silent && !is_finished()) return 0;
    } else if (now->ended) {
      if (!next_is_known) {
        count = std::min(count, now->fifo.size() - reach());
        if (count <= 0) return 0;
      } else if (next != nullptr && is_ready(*next)) {
        const Join join = plan(*now, *next);
        if (join.start == 0) {
          cross(*now, *next, join);
          continue;
        }
        if (!trial_.is_choosing(*now, *next)) trial_.go_on(*now, *next, join, position_);
        count = std::min(count, join.start);
      }
    } else if (settings_.patient) {
      count = std::min(count, now->fifo.size() - reach());
      if (count <= 0) return 0;
    }
    return bound_by_voices(count);
  }
}

/// The part of `limit` in which each track that is heard goes on in one way: no fade ends, no
/// underrun begins. 0 if a patient mix has to wait for more of a track.
std::int64_t Mix::bound_by_voices(std::int64_t limit) {
  if (rehearsed_ && !is_as_rehearsed()) end_rehearsed();
  if (rehearsed_)
    limit = std::min<std::int64_t>(
        limit, static_cast<std::int64_t>(rehearsed_->sound.size() - rehearsed_->at) / kChannels);
  for (const auto& voice : voices_) {
    if (!voice->is_heard()) continue;
    if (voice->underrun && is_ready(*voice)) {
      voice->underrun = false;
      ramps_.add(voice->front_times(-voice->gain()));
    }
    const bool lacks_samples = voice->fifo.size() == 0 || (!rehearsed_ && voice->lacks_piece());
    if (settings_.patient && (voice->underrun || lacks_samples)) return 0;
    if (lacks_samples && !voice->underrun) begin_underrun(*voice);
    if (!rehearsed_) voice->read_piece();
    if (voice->underrun) any_underrun_ = true;
    limit = voice->bound(limit);
  }
  return limit;
}

/// The join of these two at the end of the first.
Join Mix::plan(const Voice& now, const Voice& next) {
  const JoinSettings settings{settings_.crossfade, settings_.curve, settings_.join};
  const auto from = outgoing_of(now);
  const auto to = incoming_of(next);
  const Trial::Memory memory{reach(), capacity(next) - kRate};
  const bool is_seen = next.ended || next.fifo.size() >= memory.entering;
  const Cut cut = is_seen && settings.style == JoinStyle::kPlanned
                      ? trial_.choose(now, next, settings, memory, settings_.patient)
                      : Cut{};
  return plan_join(from, to, settings, cut);
}

void Mix::cross(Voice& now, Voice& next, const Join& planned) {
  auto [join, sound] = trial_.take(now, next, planned, position_, settings_.patient);
  begin_later(next, join.late);
  tell_leaving(&now, &next, join);
  now.role = Role::kLeaving;
  now.fade_to(0, join.leaves, join.leaving_bands);
  start(next, join.enters, join.entering_bands);
  rehearsed_.reset();
  if (sound.empty()) return;
  rehearsed_.emplace(Rehearsed{std::move(sound)});
  now.is_as_rehearsed = next.is_as_rehearsed = true;
}

/// Whether what comes next is the rest of the join that was rehearsed: nothing was told otherwise
/// since, and nothing else is heard.
bool Mix::is_as_rehearsed() const {
  return rehearsed_ && rehearsed_->at < rehearsed_->sound.size() && ramps_.empty() &&
         std::ranges::all_of(voices_, [](const auto& voice) {
           return !voice->is_heard() || voice->is_as_rehearsed;
         });
}

/// What is left of it goes over into what is heard instead.
void Mix::end_rehearsed() {
  auto& [sound, at] = *rehearsed_;
  const auto rest = std::span(sound).subspan(at);
  const auto length = std::min<std::size_t>(rest.size(), kRamp * kChannels);
  abandoned_.reset();
  if (length > 0)
    abandoned_.emplace(Abandoned{{rest.begin(), rest.begin() + std::ptrdiff_t(length)}});
  rehearsed_.reset();
}

/// Starts a track while none plays. If the last one still fades out, since a skip found no track
/// ready, this one fades in over the rest of that.
void Mix::start_from_silence(Voice& next) {
  const Voice* leaving = nullptr;
  for (const auto& voice : voices_)
    if (voice->is_heard() && (leaving == nullptr || voice->fade_left() > leaving->fade_left()))
      leaving = voice.get();
  auto length = leaving != nullptr ? leaving->fade_left() : 0;
  if (next.ended) length = std::min(length, next.total / 2);
  if (length < kRamp) return start(next, move_of(0));
  tell_leaving(leaving, &next, move_of(length));
  next.by_skip = true;
  start(next, move_of(length));
}

/// How many samples before its first downbeat a track begins when a skip brings it in: a ramp, if
/// it has so many.
std::int64_t Mix::before_downbeat(const Voice& next) {
  return next.cues.grid ? std::min(std::llround(first_line_of(*next.cues.grid)), 0LL + kRamp) : 0;
}

/// Near its end a track is left at once.
bool Mix::skips_on_beat(const Voice& now, const Voice* next) const {
  if (settings_.join != JoinStyle::kPlanned || !now.grid() || now.fade_left() > 0) return false;
  if (now.ended && static_cast<double>(now.fifo.size()) < 2 * now.grid()->beat) return false;
  return next != nullptr && is_ready(*next);
}

void Mix::carry_out_skip(Voice& now, Voice* next, std::int64_t wanted) {
  if (!now.told_on_air && !now.by_skip) return hurry(now, wanted);
  const bool there = next != nullptr && is_ready(*next);
  const auto length = plan_skip(wanted, now.ended ? std::optional(now.fifo.size()) : std::nullopt,
                                there && next->ended ? std::optional(next->total) : std::nullopt);
  if (length == 0) return;
  Join skip{.leaves = move_of(length), .enters = move_of(length), .fit = Fit::kSkip};
  if (skips_on_beat(now, next)) {
    skip.beat = now.grid()->beat;
    if (next->cues.grid)
      begin_later(*next,
                  std::min(std::llround(first_line_of(*next->cues.grid)) - before_downbeat(*next),
                           static_cast<long long>(next->fifo.size() - settings_.min_ready)));
    if (length <= kQuickSkip) skip = with_quick_entry(skip, now.fifo, next->fifo);
  }
  tell_leaving(&now, there ? next : nullptr, skip);
  now.role = Role::kLeaving;
  for (const auto& voice : voices_)
    if (voice->is_heard() && (voice->fade.fade.to > 0 || voice->fade_left() > length))
      voice->fade_to(0, move_of(length));
  if (there) {
    next->by_skip = true;
    start(*next, skip.enters);
  }
}

/// A skip in the first half of a crossfade ends the crossfade within the time of the skip.
void Mix::hurry(Voice& now, std::int64_t wanted) {
  const auto length = std::min(
      now.fade_left(),
      plan_skip(wanted, now.ended ? std::optional(now.fifo.size()) : std::nullopt, std::nullopt));
  if (length == 0) return;
  const Voice* leaving = nullptr;
  for (const auto& voice : voices_) {
    if (voice->role != Role::kLeaving) continue;
    if (leaving == nullptr || voice->fade_left() > leaving->fade_left()) leaving = voice.get();
    if (voice->fade_left() > length) voice->fade_to(0, move_of(length));
  }
  tell_leaving(leaving, &now, move_of(length));
  now.by_skip = true;
  now.fade_to(1, move_of(length));
}

void Mix::start(Voice& voice, const GainMove& in, const std::optional<BandMoves>& bands) {
  tell_ready(voice);
  voice.role = Role::kPlaying;
  voice.started_at = position_;
  voice.fade_in(in, bands);
  if (in.length == 0) ramps_.add(voice.front_times(-1));
  edits_.push_back({.what = Edit::What::kBegins,
                    .track = voice.number,
                    .at = position_,
                    .fade = in,
                    .voice = voice.id,
                    .bands = bands,
                    .cut = voice.cut});
}

void Mix::begin_underrun(Voice& voice) {
  ramps_.add(voice.begin_underrun());
}

void Mix::finish(Voice& voice) {
  ramps_.add(voice.last);
  voice.role = Role::kDone;
  any_done_ = true;
  edits_.push_back({.what = Edit::What::kEnds,
                    .track = voice.number,
                    .at = position_,
                    .played = voice.played,
                    .complete = voice.is_played_out(),
                    .voice = voice.id});
  voice.fifo.clear();
}

/// Those whose last sample has been heard are done.
void Mix::retire() {
  for (const auto& voice : voices_) {
    if (!voice->is_heard()) continue;
    const bool is_faded_out = voice->role == Role::kLeaving && voice->fade_left() == 0;
    if (voice->is_played_out() || is_faded_out) finish(*voice);
  }
  sweep();
}

void Mix::sweep() {
  std::erase_if(voices_,
                [](const auto& voice) { return voice->released && voice->role == Role::kDone; });
}

void Mix::tell_ready(Voice& voice) {
  if (voice.told_ready || !is_ready(voice)) return;
  voice.told_ready = true;
  edits_.push_back(
      {.what = Edit::What::kReady, .track = voice.number, .at = position_, .voice = voice.id});
}

void Mix::tell_on_air() {
  Voice* now = playing();
  if (now == nullptr) return;
  const bool is_new = !now->told_on_air && 2 * now->fade.at >= now->fade.fade.length;
  if (!is_new && !(now->told_on_air && is_moved_)) return;
  now->told_on_air = true;
  is_moved_ = false;
  edits_.push_back({.what = Edit::What::kEnters,
                    .track = now->number,
                    .at = position_,
                    .began = now->started_at,
                    .voice = now->id});
}

void Mix::tell_underrun(const Voice& voice) {
  edits_.push_back(
      {.what = Edit::What::kUnderrun, .track = voice.number, .at = position_, .voice = voice.id});
}

void Mix::tell_leaving(const Voice* from, const Voice* to, const Join& join) {
  const auto number = [](const Voice* voice) {
    return voice != nullptr ? std::optional(voice->number) : std::nullopt;
  };
  edits_.push_back({.what = Edit::What::kLeaves,
                    .track = number(from),
                    .next = number(to),
                    .at = position_,
                    .fade = join.leaves,
                    .enters = to != nullptr ? position_ + middle_of(join.enters) : 0,
                    .fit = join.fit,
                    .bars = join.bars,
                    .beat = join.beat,
                    .bands = join.leaving_bands});
}

// --- samples

void Mix::sound(std::span<std::int16_t> out) {
  Voice* only = nullptr;
  int heard = 0;
  for (const auto& voice : voices_) {
    if (!voice->is_heard() || voice->underrun) continue;
    only = voice.get();
    ++heard;
  }
  if (rehearsed_) {
    const auto rest = std::span(rehearsed_->sound).subspan(rehearsed_->at);
    std::ranges::copy(rest.first(out.size()), out.begin());
    rehearsed_->at += out.size();
  } else if (heard == 0 && ramps_.empty() && !abandoned_) {
    std::ranges::fill(out, std::int16_t{0});
  } else if (heard == 1 && ramps_.empty() && !abandoned_ && only->is_plain()) {
    std::ranges::copy(only->fifo.front().first(out.size()), out.begin());
  } else {
    const auto sum = std::span(sum_).first(out.size());
    std::ranges::fill(sum, 0.0F);
    for (const auto& voice : voices_)
      if (voice->is_heard() && !voice->underrun) voice->add_to(sum);
    ramps_.add_to(sum);
    go_over(sum);
    to_pcm(sum, out);
  }
}

void Mix::go_over(std::span<float> sum) {
  if (!abandoned_) return;
  auto& [sound, at] = *abandoned_;
  const auto length = std::ssize(sound) / kChannels;
  std::array<float, kFrameValues> both{};
  const auto rest =
      std::span<const std::int16_t>(sound).subspan(static_cast<std::size_t>(at) * kChannels);
  const auto count = std::min(rest.size(), sum.size());
  const auto part = std::span(both).first(count);
  add_faded(part, rest.first(count), {Curve::kSmoothstep, 1, 0, length}, at);
  add_faded(part, std::span<const float>(sum).first(count), {Curve::kSmoothstep, 0, 1, length}, at);
  std::ranges::copy(part, sum.begin());
  at += static_cast<std::int64_t>(count) / kChannels;
  if (at == length) abandoned_.reset();
}

/// What was made of the tracks is behind them.
void Mix::move_on(std::int64_t count) {
  const Voice* underrun = nullptr;
  for (const auto& voice : voices_) {
    if (!voice->is_heard()) continue;
    const auto before = voice->underrun_length;
    voice->move_on(count);
    if (voice->underrun && before < kUnderrunTold && voice->underrun_length >= kUnderrunTold &&
        voice->role == Role::kPlaying)
      underrun = voice.get();
  }
  position_ += count;
  if (underrun != nullptr) tell_underrun(*underrun);
}

}  // namespace infinara::sound
