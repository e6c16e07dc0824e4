//! A SharePoint in Tieline's words, and its classic (2007) adapter
