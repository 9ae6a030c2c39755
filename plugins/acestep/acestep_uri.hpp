// SPDX-License-Identifier: Apache-2.0
// acestep://HOST:PORT/?NAME=VALUE&… for an acestepsrc: an order that any player can be given.
#pragma once

#include <gst/gst.h>

namespace infinara {

/// Fills a GstURIHandlerInterface: a URI sets the properties that its host and query name.
void acestep_uri_init(gpointer interface, gpointer);

}  // namespace infinara
