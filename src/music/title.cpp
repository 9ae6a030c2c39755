// SPDX-License-Identifier: Apache-2.0
#include "music/title.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "music/random.hpp"

namespace infinara::music {
namespace {

constexpr std::size_t kWords = 24;
constexpr std::size_t kTails = 20;

/// Any quality goes with any thing, and any tail follows both.
struct Vocabulary {
  std::string_view genre;  // the name in kGenres
  std::array<std::string_view, kWords> qualities;
  std::array<std::string_view, kWords> things;
  std::array<std::string_view, kTails> tails;
};

constexpr std::array<Vocabulary, kGenreCount> kVocabularies{{
    {"ambient",
     {"Drifting",  "Weightless", "Pale",     "Silent",    "Endless",   "Hollow",
      "Glassy",    "Distant",    "Floating", "Slow",      "Frozen",    "Luminous",
      "Vapour",    "Sleeping",   "Hushed",   "Feathered", "Milky",     "Faint",
      "Suspended", "Breathing",  "Veiled",   "Unhurried", "Porcelain", "Submerged"},
     {"Horizon",   "Tide",      "Mist",      "Meridian",  "Glacier",   "Halo",
      "Estuary",   "Nebula",    "Snowfield", "Lagoon",    "Aurora",    "Cloudbank",
      "Stillness", "Orbit",     "Plateau",   "Driftwood", "Moonrise",  "Fjord",
      "Dew",       "Cathedral", "Atoll",     "Shoreline", "Firmament", "Lantern"},
     {"Before Waking",
      "Under Ice",
      "in Slow Motion",
      "Without Edges",
      "at the Edge of Hearing",
      "Beneath the Snow",
      "After the Rain",
      "Beyond the Pines",
      "in Blue",
      "Returning",
      "for a Quiet Room",
      "Above the Weather",
      "in Low Light",
      "Dissolving",
      "Between Breaths",
      "on Still Water",
      "at Zero Degrees",
      "Unfolding",
      "from Afar",
      "in Half Sleep"}},
    {"chillwave",
     {"Faded", "Sunlit",   "Washed",   "Hazy",        "Pastel",    "Salted",
      "Lazy",  "Coral",    "Bleached", "Overexposed", "Tangerine", "Drowsy",
      "Warm",  "Barefoot", "Melting",  "Peach",       "Borrowed",  "Poolside",
      "Soft",  "Polaroid", "Sandy",    "Turquoise",   "Idle",      "Amber"},
     {"Summer",   "Cassette", "Boardwalk",    "Motel",       "Shoreline", "Postcard",
      "Parasol",  "Freeway",  "Afternoon",    "Bungalow",    "Mirage",    "Swimmer",
      "Balcony",  "Heatwave", "Ferris Wheel", "Palm Tree",   "Snapshot",  "Marina",
      "Daydream", "Rooftop",  "Sunburn",      "Convertible", "Coastline", "Ice Cream"},
     {"in August",       "on Repeat",         "by the Pool",     "with the Windows Down",
      "out of Focus",    "Before September",  "at Low Tide",     "on Super Eight",
      "After the Party", "near the Equator",  "in Soft Colours", "for Two",
      "Without a Plan",  "on the Last Ferry", "Past Sundown",    "in the Shade",
      "Slightly Warped", "of Ninety Two",     "on Holiday",      "in the Rear Window"}},
    {"lofi hip hop",
     {"Sleepy",    "Dusty",       "Rainy",      "Cosy",     "Late",        "Crackling",
      "Worn",      "Mellow",      "Woolly",     "Muted",    "Tea Stained", "Folded",
      "Quiet",     "Second Hand", "Unfinished", "Foggy",    "Paper",       "Corduroy",
      "Half Read", "Lukewarm",    "Velvet",     "Crumpled", "Patient",     "Midweek"},
     {"Notebook",   "Window Seat", "Bookshop", "Desk Lamp", "Teacup",      "Umbrella",
      "Staircase",  "Bus Stop",    "Blanket",  "Record",    "Corner Shop", "Homework",
      "Houseplant", "Night Bus",   "Cardigan", "Kettle",    "Library",     "Alley Cat",
      "Mixtape",    "Sketchbook",  "Armchair", "Platform",  "Bakery",      "Postbox"},
     {"at Two A.M.",         "with Two Sugars", "in the Rain",        "Before the Exam",
      "on the Fourth Floor", "for Later",       "and a Sleeping Cat", "on a Tuesday",
      "After Hours",         "in the Margins",  "Without Headlights", "by the Radiator",
      "and Nowhere to Be",   "on Low Battery",  "Between Chapters",   "in Pencil",
      "near the Station",    "on Slow Shuffle", "till Morning",       "with the Heating On"}},
    {"jazz",
     {"Blue",     "Crooked",       "Smoky",    "Sly",       "Velvet",    "Uptown",
      "Restless", "Brass",         "Slippery", "Tipsy",     "Burgundy",  "Lonesome",
      "Swinging", "Sharp Dressed", "Copper",   "Wandering", "Whispered", "Half Lit",
      "Dapper",   "Mellow",        "Stubborn", "Silk",      "Ragged",    "Offbeat"},
     {"Corner",     "Fedora",   "Taxi",        "Basement",     "Saxophone", "Avenue",
      "Waltz",      "Overcoat", "Tuxedo",      "Trolley",      "Nocturne",  "Bourbon",
      "Alibi",      "Doorman",  "Streetlight", "Telegram",     "Matchbook", "Melody",
      "Rendezvous", "Necktie",  "Piano",       "Conversation", "Stroll",    "Bandstand"},
     {"After Midnight",   "on Ninth Street",   "for Estelle",         "in the Back Room",
      "Revisited",        "Before Breakfast",  "at Closing Time",     "with a Twist",
      "in Three",         "on the Rocks",      "for Old Times",       "Downtown",
      "Round the Corner", "at Half Price",     "without Sheet Music", "in Brown Shoes",
      "Around Eleven",    "by the Stage Door", "and Company",         "to Go"}},
    {"bossa nova",
     {"Gentle",  "Golden", "Barefoot", "Coastal", "Tender",  "Sunday",     "Saffron",   "Swaying",
      "Warm",    "Shaded", "Carefree", "Emerald", "Jasmine", "Whispering", "Sun Dried", "Linen",
      "Honeyed", "Breezy", "Unspoken", "Lilac",   "Pearl",   "Languid",    "Cinnamon",  "Open"},
     {"Verandah", "Guitar",   "Promenade", "Sea Breeze", "Hammock",  "Orange Grove",
      "Hillside", "Terrace",  "Seashell",  "Bicycle",    "Secret",   "Wave",
      "Papaya",   "Window",   "Siesta",    "Sandal",     "Hibiscus", "Courtyard",
      "Longing",  "Sailboat", "Sparrow",   "Coconut",    "Bay",      "Serenade"},
     {"in the Morning",       "by the Sea",       "for Helena",     "at Six O'Clock",
      "under the Mango Tree", "on a Side Street", "After the Swim", "in the South",
      "without Hurry",        "of a Small Town",  "on the Hill",    "for No Reason",
      "before the Rain",      "in Linen",         "with Lime",      "at the Harbour",
      "in Late December",     "and Salt",         "by Tram",        "for Two Voices"}},
    {"acoustic folk",
     {"Old",      "Wild",   "Wooden",    "Northern", "Honest",  "Heather",  "Winding", "Barley",
      "Homespun", "Hollow", "Weathered", "Long",     "Juniper", "Firelit",  "Humble",  "Autumn",
      "Mossy",    "Willow", "Thistle",   "Early",    "Copper",  "Gathered", "Bramble", "Faithful"},
     {"Road",   "Orchard", "Cabin",   "Meadow",   "River", "Fiddle",  "Lantern",  "Hearth",
      "Field",  "Sparrow", "Quilt",   "Ferryman", "Mill",  "Wagon",   "Hillside", "Shepherd",
      "Candle", "Creek",   "Harvest", "Bridge",   "Fence", "Swallow", "Crossing", "Kettle"},
     {"by the River",    "Before the Frost",     "in October",         "on the Way Home",
      "and the Crow",    "over the Ridge",       "for My Brother",     "at First Light",
      "beyond the Gate", "under the Oak",        "in the Valley",      "of Stone and Clover",
      "until Spring",    "on the Back Porch",    "with the Door Open", "in High Grass",
      "and Woodsmoke",   "from the Old Country", "through the Pines",  "down the Lane"}},
    {"classical",
     {"Solemn",  "Silver",  "Winter",   "Graceful",  "Quiet",    "Bright",  "Gilded", "Tender",
      "Noble",   "Wistful", "Ivory",    "Candlelit", "Stately",  "Pensive", "Airy",   "Pastoral",
      "Moonlit", "Courtly", "Fleeting", "Luminous",  "Autumnal", "Serene",  "Marble", "Vernal"},
     {"Nocturne",  "Prelude",   "Serenade",   "Minuet",     "Elegy",   "Rondo",
      "Sarabande", "Romance",   "Intermezzo", "Barcarolle", "Pavane",  "Reverie",
      "Impromptu", "Caprice",   "Berceuse",   "Aria",       "Gavotte", "Fantasia",
      "Arabesque", "Larghetto", "Bagatelle",  "Canzona",    "Idyll",   "Variation"},
     {"for a Garden",          "in Grey",           "of the Swans",
      "for an Empty Hall",     "at Dusk",           "for Small Orchestra",
      "of the Fountains",      "after a Letter",    "in the Conservatory",
      "for the Left Hand",     "of Glass",          "without Words",
      "on a Falling Theme",    "for Strings",       "in Memory of Snow",
      "by Candlelight",        "of the Clockmaker", "in an Old Style",
      "for a Departing Guest", "of the First Frost"}},
    {"cinematic",
     {"Last",      "Rising",    "Fallen",   "Burning",   "Forgotten", "Iron",
      "Shattered", "Eternal",   "Silent",   "Northern",  "Hidden",    "Crimson",
      "Vast",      "Uncharted", "Final",    "Sacred",    "Colossal",  "Ashen",
      "Unbroken",  "Obsidian",  "Towering", "Returning", "Stormlit",  "Hollow"},
     {"Empire",     "Horizon", "Citadel",  "Voyage",  "Dawn",      "Frontier",
      "Oath",       "Summit",  "Fleet",    "Kingdom", "Reckoning", "Monument",
      "Expedition", "Beacon",  "Exodus",   "Titan",   "Skyline",   "Homecoming",
      "Canyon",     "Signal",  "Colossus", "Passage", "Throne",    "Prophecy"},
     {"Part One",         "at World's End",     "of the Deep",  "in Ruins",
      "Before the Storm", "across the Divide",  "Reborn",       "of a Thousand Ships",
      "against the Sky",  "beyond the Wall",    "in the Dust",  "at the Gates",
      "of Light",         "under Two Moons",    "Unveiled",     "from the Ashes",
      "over the Abyss",   "and the Long March", "of No Return", "in Slow Dawn"}},
    {"synthwave",
     {"Neon",        "Chrome",  "Midnight", "Turbo",   "Electric",  "Laser",
      "Ultraviolet", "Magenta", "Analog",   "Digital", "Infinite",  "Mirrored",
      "Outrun",      "Polygon", "Infrared", "Cobalt",  "Nocturnal", "Pixel",
      "Hologram",    "Phantom", "Cyan",     "Hyper",   "Satellite", "Velocity"},
     {"Highway",   "Arcade",   "Skyline",    "Grid",      "Horizon",  "Interceptor",
      "Boulevard", "Cassette", "Runner",     "Dashboard", "Sunset",   "Turbine",
      "Visor",     "Circuit",  "Metropolis", "Pursuit",   "Motorway", "Overdrive",
      "Android",   "Vector",   "Protocol",   "Jetstream", "Monolith", "Headlights"},
     {"1984",
      "at Terminal Speed",
      "on Channel Nine",
      "after Dark",
      "in Sector Five",
      "Reloaded",
      "over the City",
      "in Stereo",
      "past the Last Exit",
      "on VHS",
      "at 88 Miles an Hour",
      "from Tomorrow",
      "under Purple Skies",
      "without Brakes",
      "in the Mainframe",
      "at Level Ten",
      "on the Coast Road",
      "till Sunrise",
      "in Wireframe",
      "Transmission"}},
    {"electronic",
     {"Kinetic",  "Modular",   "Binary",   "Static",    "Parallel", "Fluid",
      "Granular", "Elastic",   "Magnetic", "Recursive", "Liquid",   "Angular",
      "Spectral", "Hexagonal", "Pulsing",  "Carbon",    "Quantum",  "Radial",
      "Filtered", "Synthetic", "Oblique",  "Tidal",     "Shifting", "Prismatic"},
     {"Signal",   "Pulse",    "Lattice",  "Current",   "Pattern",   "Sequence",
      "Voltage",  "Particle", "Matrix",   "Frequency", "Function",  "Oscillator",
      "Membrane", "Vertex",   "Module",   "Feedback",  "Algorithm", "Resonance",
      "Fragment", "Relay",    "Spectrum", "Cascade",   "Motion",    "Interface"},
     {"Extended",    "in Phase",     "at Peak Hour",     "Out of Sync",   "2.0",
      "below Zero",  "on the Floor", "in Parallel",      "by Numbers",    "under Pressure",
      "from Berlin", "at Four A.M.", "Redrawn",          "in Motion",     "Without Ground",
      "per Second",  "Unwound",      "in the Warehouse", "at Full Phase", "in Three States"}},
    {"drum and bass",
     {"Rapid",    "Concrete", "Jagged",    "Liquid",     "Rolling", "Subsonic",
      "Gravity",  "Serrated", "Razor",     "Molten",     "Urban",   "Fractured",
      "Tectonic", "Feral",    "Amplified", "Midnight",   "Torn",    "Steel",
      "Pressure", "Reckless", "Hydraulic", "Relentless", "Sodium",  "Volatile"},
     {"Underpass", "Breaker",    "Engine",      "Tunnel",     "Tower Block", "Impact",
      "Pressure",  "Chase",      "Reactor",     "Jungle",     "Overpass",    "Riot",
      "Siren",     "Fault Line", "Pendulum",    "Cyclone",    "Shutter",     "Bassline",
      "Roller",    "Ricochet",   "Night Shift", "Turbulence", "Rooftop",     "Piston"},
     {"at 174",
      "in the Dark",
      "through the Floor",
      "on Pirate Radio",
      "under the City",
      "without Warning",
      "past the Ring Road",
      "after the Rave",
      "Breaking",
      "at Street Level",
      "in Overload",
      "off the Rails",
      "in the Lower Deck",
      "and Recoil",
      "on Dubplate",
      "by Dawn",
      "in Full Flight",
      "out of Nowhere",
      "at Redline",
      "in Heavy Rain"}},
    {"disco funk",
     {"Golden",    "Funky",   "Mirror",      "Sugar",     "Platinum", "Groovy",
      "Strutting", "Glitter", "Honey",       "Satin",     "Boogie",   "Cosmic",
      "Sweet",     "Slick",   "Electric",    "Sparkling", "Saturday", "Midnight",
      "Juicy",     "Velvet",  "Rollerskate", "Champagne", "Hot",      "Superfly"},
     {"Fever",     "Dancefloor", "Groove",    "Hustle", "Platform Shoes", "Bassline",
      "Lightning", "Jumpsuit",   "Party",     "Shimmy", "Spotlight",      "Machine",
      "Rhythm",    "Strut",      "Delight",   "Affair", "Mirrorball",     "Sensation",
      "Carousel",  "Romance",    "Limousine", "Bump",   "Paradise",       "Moves"},
     {"All Night",        "on the One",       "Tonight",       "until the Lights Come On",
      "in Gold",          "for Everyone",     "Uptown",        "in the Spotlight",
      "and a Half",       "with the Horns",   "Non Stop",      "after Ten",
      "to the Left",      "on Wheels",        "in the Pocket", "Twelve Inch",
      "with Extra Sugar", "Around the Block", "one More Time", "at the Palace"}},
    {"indie rock",
     {"Paper",   "Broken",   "Suburban",    "Second",   "Lost",       "Awkward",
      "Painted", "Nervous",  "Plastic",     "Sideways", "Hollow",     "Small Town",
      "Yellow",  "Restless", "Borrowed",    "Tangled",  "Crooked",    "Invisible",
      "Spare",   "Lonely",   "Fluorescent", "Better",   "Half Built", "Ordinary"},
     {"Bicycle",   "Parking Lot",   "Photograph",   "Telephone", "Summer",      "Garage",
      "Satellite", "Kitchen",       "Tennis Court", "Hometown",  "Balloon",     "Haircut",
      "Teenager",  "Swimming Pool", "Mailbox",      "Weekend",   "Apology",     "Staircase",
      "Astronaut", "Television",    "Skeleton",     "Letter",    "Fire Escape", "Passenger"},
     {"for Beginners",
      "in the Suburbs",
      "and Other Accidents",
      "Again",
      "at the Bus Station",
      "on Fire",
      "without You",
      "since Thursday",
      "and Me",
      "from the Passenger Seat",
      "before Graduation",
      "in Black and White",
      "after School",
      "on Mute",
      "in Reverse",
      "with Strangers",
      "and the Weather",
      "out the Window",
      "for Sale",
      "near the Airport"}},
    {"rock",
     {"Black",   "Thunder",  "Wild",    "Iron",    "Desert",  "Rusted",   "Loaded",    "Devil's",
      "Whiskey", "Gasoline", "Dirty",   "Blazing", "Outlaw",  "Howling",  "Diesel",    "Broken",
      "Rolling", "Stone",    "Leather", "Scarlet", "Highway", "Restless", "Crossfire", "Smoking"},
     {"Highway",       "Engine",      "Wolf",        "Canyon",    "Hammer",    "Stallion",
      "Rebel",         "Wheel",       "Serpent",     "Lightning", "Boots",     "Anvil",
      "Freight Train", "Rattlesnake", "Tornado",     "Whiplash",  "Crossroad", "Jackpot",
      "Wildfire",      "Cannonball",  "Switchblade", "Sundown",   "Backbone",  "Avalanche"},
     {"Rising",        "on the Run",       "at Full Throttle", "in the Blood",    "Tonight",
      "out of Town",   "on Route Nine",    "and Bone",         "to the Ground",   "till I Drop",
      "in the Mirror", "Under the Hammer", "coming Home",      "with No Name",    "Blues",
      "on the Loose",  "at High Noon",     "Ablaze",           "Across the Line", "for the Road"}},
}};

consteval bool vocabularies_stand_as_genres_do() {
  for (std::size_t i = 0; i < kGenreCount; ++i)
    if (kVocabularies.at(i).genre != kGenres.at(i).name) return false;
  return true;
}
static_assert(vocabularies_stand_as_genres_do(), "kVocabularies must name the genres as kGenres");

consteval bool no_word_is_missing() {
  const auto is_full = [](const auto& words) {
    return std::ranges::none_of(words, &std::string_view::empty);
  };
  return std::ranges::all_of(kVocabularies, [&](const Vocabulary& one) {
    return is_full(one.qualities) && is_full(one.things) && is_full(one.tails);
  });
}
static_assert(no_word_is_missing(), "each genre needs 24 qualities, 24 things and 20 tails");

}  // namespace

std::string title_of(const Genre& genre, std::uint32_t seed) {
  // The place of the genre stirs the seed, so that one seed does not sound alike in two genres.
  Random random((std::uint64_t{index_of(genre)} << 32) + seed);
  const auto& words = kVocabularies.at(index_of(genre));
  const std::string quality(words.qualities.at(random.below(kWords)));
  const std::string thing(words.things.at(random.below(kWords)));
  const std::string tail(words.tails.at(random.below(kTails)));
  switch (random.below(8)) {
    case 0:
      return quality + " " + thing;
    case 1:
      return thing + " " + tail;
    case 2:
      return "The " + quality + " " + thing;
    default:
      return quality + " " + thing + " " + tail;
  }
}

}  // namespace infinara::music
