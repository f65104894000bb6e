@NullMarked
package io.registrycenter.observe;

import org.jspecify.annotations.NullMarked;
