//! Between messages and domain: reading names, codes and dates with the path of the field, and writing answers.
