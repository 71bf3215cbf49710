#pragma once

// The one place that holds the version: the build reads these three lines.
#define TENSORLAB_VERSION_MAJOR 0
#define TENSORLAB_VERSION_MINOR 1
#define TENSORLAB_VERSION_PATCH 0
