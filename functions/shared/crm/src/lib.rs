//! A CRM in Tieline's words, and its classic (CRM 4.0) adapter
