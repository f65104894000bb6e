@NullMarked
package io.registrycenter.memory;

import org.jspecify.annotations.NullMarked;
