#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
// For MessageMemory.
#if defined(__GLIBC__)
#include <malloc.h>
#endif
