// SPDX-License-Identifier: Apache-2.0
// Cheap generators for tests: a tone chosen by the seed, shared between all tracks, so that a day
// of programme costs next to nothing. The factories differ in how they let the DJ down.
#pragma once

#include <array>
#include <atomic>

namespace infinara::testtrack {

/// Elements of all these factories: those that exist, and how many were made.
extern std::atomic<int> alive;
extern std::atomic<int> made;

inline constexpr std::array<int, 8> kTones{220, 247, 277, 294, 330, 370, 415, 440};  // Hz

/// Registers the factories, once: testtracksrc, testfailsrc and others, as testtrack_src.cpp lists
/// them.
void register_all();

}  // namespace infinara::testtrack
