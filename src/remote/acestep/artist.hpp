// SPDX-License-Identifier: Apache-2.0
// Who a listener reads as the maker of a track that a server made.
#pragma once

#include <string>
#include <string_view>

namespace infinara::remote {

/// "ACE-Step 1.5 Turbo" for the model `acestep-v15-turbo`; a name of any other shape as it is, and
/// "ACE-Step" for an empty one.
std::string artist_of(std::string_view model);

}  // namespace infinara::remote
