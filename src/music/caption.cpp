// SPDX-License-Identifier: Apache-2.0
#include "music/caption.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace infinara::music {
namespace {

constexpr std::size_t kEach = 4;

constexpr std::array<std::array<std::string_view, kEach>, kGenreCount> kCaptions{{
    // ambient
    {"slow ambient soundscape, layered warm pads breathing in and out, distant piano notes, deep "
     "reverb, no drums, calm and weightless",
     "beatless ambient drone, glassy bell textures over soft analog strings, gentle tape hiss, "
     "vast open space, peaceful and patient",
     "ambient meditation, bowed guitar swells, low warm hum, faint choir like air, very long "
     "tails, still water at night",
     "evolving ambient pads, soft granular shimmer, mellow sub bass, rare plucked harp tones, wide "
     "stereo field, tender and unhurried"},
    // chillwave
    {"hazy chillwave, washed out analog synths, soft drum machine, warm round bass, dreamy chorus "
     "guitar, nostalgic summer mood, tape saturation",
     "laid back chillwave groove, detuned pads, gentle sidechain pulse, sparkling arpeggio, lo-fi "
     "warmth, late afternoon sunlight by the sea",
     "mellow chillwave, reverb soaked electric guitar, vintage polysynth chords, simple kick and "
     "clap, wistful melody, faded holiday film",
     "dreamy chillwave with wobbling synth keys, slow punchy drums, glowing bass line, distant "
     "vocal like pads, soft focus and carefree"},
    // lofi hip hop
    {"lofi hip hop beat, dusty boom bap drums, mellow electric piano chords, warm upright bass, "
     "vinyl crackle, cosy rainy evening",
     "relaxed lofi hip hop, jazzy guitar loop, soft swung drums, rounded bass, tape wobble, gentle "
     "melancholy, quiet room for studying",
     "sleepy lofi beat, felt piano melody, brushed snare, deep mellow bass, vinyl noise and faint "
     "street rain, tender and nostalgic",
     "warm lofi hip hop instrumental, muted trumpet phrases, rhodes chords, lazy shuffling drums, "
     "soft sidechain, late night city window"},
    // jazz
    {"swinging small combo jazz, walking double bass, ride cymbal, warm piano voicings, relaxed "
     "tenor saxophone solo, intimate smoky club",
     "cool jazz quartet, muted trumpet melody, brushed drums, upright bass, tasteful piano "
     "comping, late night mood, natural room recording",
     "lively bebop flavoured jazz trio, nimble piano runs, driving double bass, crisp ride and "
     "snare, playful conversation between players",
     "slow jazz ballad, breathy tenor saxophone, soft brushes, rich piano chords, deep upright "
     "bass, tender and smoky, small stage"},
    // bossa nova
    {"gentle bossa nova, nylon string guitar syncopation, soft shaker and rim clicks, warm upright "
     "bass, breezy flute melody, seaside afternoon",
     "intimate bossa nova, fingerpicked nylon guitar, light brushes, mellow piano answers, round "
     "bass, swaying and tender, small cafe",
     "sunny bossa nova groove, acoustic guitar chords, vibraphone melody, delicate percussion, "
     "relaxed double bass, golden light and ocean breeze",
     "quiet bossa nova duet of nylon guitar and electric piano, subtle cross stick rhythm, soft "
     "bass, wistful longing, warm recording"},
    // acoustic folk
    {"acoustic folk, fingerpicked steel string guitar, soft violin lines, upright bass, light "
     "tambourine, warm wooden room, honest and homely",
     "gentle folk instrumental, two acoustic guitars in conversation, mandolin tremolo, brushed "
     "percussion, autumn fields, heartfelt and simple",
     "rustic acoustic folk, banjo rolls, strummed guitar, singing fiddle, foot stomps and hand "
     "claps, campfire warmth, open countryside",
     "tender folk ballad, open tuned acoustic guitar, cello harmony, sparse piano, close "
     "microphones, quiet river morning, hopeful mood"},
    // classical
    {"classical chamber piece, expressive string quartet, flowing counterpoint, graceful dynamics, "
     "concert hall acoustics, noble and reflective mood",
     "romantic solo piano, singing right hand melody, rolling left hand arpeggios, delicate "
     "rubato, intimate recital hall, wistful and warm",
     "light classical orchestra, dancing woodwinds, bright strings, gentle horns, elegant "
     "phrasing, morning garden atmosphere, refined and cheerful",
     "slow classical adagio, lush string orchestra, solo oboe melody, soft harp, long arching "
     "phrases, solemn beauty, wide natural reverb"},
    // cinematic
    {"cinematic orchestral score, building strings ostinato, deep brass swells, thundering taiko "
     "drums, heroic horn theme, epic and emotional",
     "dark cinematic underscore, low pulsing cellos, distant choir, metallic percussion, slow "
     "tension and release, vast mysterious landscape",
     "uplifting cinematic piece, solo piano opening, growing strings, warm brass, rolling timpani, "
     "wide soaring melody, hopeful finale",
     "cinematic adventure music, galloping strings, bold french horns, sparkling woodwinds, big "
     "drums, sweeping orchestral colours, sense of discovery"},
    // synthwave
    {"retro synthwave, pulsing analog bass arpeggio, gated snare, shining polysynth chords, "
     "soaring lead, neon night drive, eighties film mood",
     "driving synthwave, punchy drum machine, rolling sequencer bass, wide brass synth stabs, "
     "nostalgic lead melody, chrome and magenta city lights",
     "dreamy synthwave cruise, warm pads, chorus bass guitar, crisp electronic toms, glittering "
     "arpeggios, sunset highway, bittersweet and cool",
     "dark synthwave, growling bass sequence, cold digital bells, heavy gated drums, suspenseful "
     "minor pads, arcade midnight atmosphere"},
    // electronic
    {"melodic electronic house, steady four on the floor kick, crisp hats, rolling bass, plucked "
     "synth motif, filtered build, uplifting club",
     "modern electronic groove, deep sub bass, chopped synth chords, tight claps, evolving filter "
     "sweeps, hypnotic and bright, polished mix",
     "progressive electronic track, pulsing arpeggio, wide supersaw pads, punchy kick, shimmering "
     "percussion, gradual rise, euphoric and clean",
     "minimal electronic rhythm, clicky percussion, warm analog bass, modular bleeps, subtle dub "
     "echoes, late dance floor, precise and fluid"},
    // drum and bass
    {"energetic drum and bass, fast chopped breakbeats, deep rolling reese bass, atmospheric pads, "
     "sharp snare, nocturnal city rush",
     "liquid drum and bass, silky electric piano chords, crisp rolling breaks, smooth sub bass, "
     "airy pads, soulful and forward moving",
     "dark drum and bass, growling distorted bass, tight snapping breakbeat, eerie textures, heavy "
     "impact, industrial tunnel energy, precise production",
     "jungle flavoured drum and bass, shuffled amen style breaks, booming sub bass, dub sirens, "
     "warm chord stabs, raw rave spirit"},
    // disco funk
    {"funky disco groove, slapping bass guitar, chicken scratch rhythm guitar, bright horn "
     "section, strings, four on the floor, joyful party",
     "classic disco funk, octave bass line, wah guitar, lush string runs, open hi hats, hand "
     "claps, glittering dance floor mood",
     "tight funk band, syncopated clavinet, popping bass, punchy brass hits, crisp drums, cowbell, "
     "playful strut, warm analog sound",
     "nu disco funk, filtered guitar loop, elastic synth bass, sparkling keys, steady kick, "
     "congas, feel good summer rooftop party"},
    // indie rock
    {"indie rock, jangly electric guitars, driving bass, energetic live drums, catchy lead riff, "
     "slightly raw garage recording, youthful and hopeful",
     "dreamy indie rock, chorus drenched guitars, melodic bass line, steady drums, shimmering "
     "reverb, bittersweet melody, late summer feeling",
     "upbeat indie rock instrumental, choppy rhythm guitar, bouncing bass, tight snare, bright "
     "counter melodies, handclaps, quirky and restless",
     "indie rock with overdriven guitars, pounding toms, warm synth pad, anthemic chorus lift, "
     "honest room sound, nostalgic and determined"},
    // rock
    {"powerful rock instrumental, crunchy overdriven guitar riffs, solid bass, hard hitting drums, "
     "screaming lead solo, arena energy, bold sound",
     "classic rock groove, bluesy electric guitar licks, organ chords, driving rhythm section, raw "
     "tube amplifier warmth, open road spirit",
     "hard rock, heavy palm muted guitars, thundering drums, gritty bass, soaring twin guitar "
     "harmonies, aggressive and triumphant, big stage",
     "mid tempo rock anthem, wide power chords, punchy live drums, growling bass, expressive "
     "guitar lead, sing along chorus feeling"},
}};

}  // namespace

std::span<const std::string_view> captions_of(const Genre& genre) {
  return kCaptions.at(index_of(genre));
}

std::string_view draw_caption(const Genre& genre, std::span<const std::string_view> avoid,
                              Dice& dice) {
  for (;; avoid = avoid.subspan(1)) {
    std::vector<std::string_view> left;
    for (const auto caption : captions_of(genre))
      if (std::ranges::find(avoid, caption) == avoid.end()) left.push_back(caption);
    if (!left.empty()) return left[dice.below(static_cast<std::uint32_t>(left.size()))];
  }
}

}  // namespace infinara::music
